import { writeFileSync } from "node:fs";
import Mocha from "mocha";

const Base = Mocha.reporters[process.env.ODATUM_TEST_REPORTER ?? "spec"] ?? Mocha.reporters.spec;

/** Mocha's own reporter, and the counts in a file, from which `scripts/test.js` makes the last line. */
export default class Reporter extends Base {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      if (process.env.ODATUM_TEST_STATS) {
        writeFileSync(process.env.ODATUM_TEST_STATS, JSON.stringify({ passes, failures, pending }));
      }
    });
  }
}
