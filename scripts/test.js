// `npm test`: installs and builds what is missing or stale, then runs the tests. Arguments after `--` go to mocha.
import { checkNode } from "./check-node.js";

checkNode();
import("./run-test.js").catch((error) => {
  console.error(error);
  process.exit(1);
});
