import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { followParent } from "./follow-parent.js";
import { prepare, root } from "./prepare.js";

followParent();
await prepare();

const { reporter, rest } = takeReporter(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "odatum-mocha-"));
const statsFile = join(folder, "stats.json");
const mocha = spawn(
  process.execPath,
  [
    join(root, "node_modules", "mocha", "bin", "mocha.js"),
    "--reporter",
    join(root, "scripts", "mocha-reporter.js"),
    ...rest.map(specOf),
    ...(rest.some(isSpec) ? [] : ["test/**/*.test.ts"]),
  ],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ODATUM_TEST_REPORTER: reporter, ODATUM_TEST_STATS: statsFile },
  },
);
// Ctrl-C goes to the whole group; mocha ends in its own way, and then so do we.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => mocha.kill("SIGTERM"));
const [code, signal] = await new Promise((resolve) => mocha.on("exit", (...how) => resolve(how)));
const stats = existsSync(statsFile) ? JSON.parse(readFileSync(statsFile, "utf8")) : undefined;
rmSync(folder, { recursive: true, force: true });

const failed = code !== 0;
if (stats === undefined) console.log("mocha ended before the tests did.");
else if (failed && stats.failures === 0) console.log("No test failed, but mocha did.");
const { passes = 0, failures = 0, pending = 0 } = stats ?? {};
console.log(`${passes} passed, ${failed ? Math.max(failures, 1) : failures} failed, ${pending} skipped`);
process.exitCode = signal === null ? (code > 125 ? 1 : code) : 128 + constants.signals[signal];

/** Our reporter stands in front of the one that was asked for. */
function takeReporter(args) {
  const rest = [];
  let reporter = "spec";
  for (let i = 0; i < args.length; i++) {
    const long = /^--reporter=(.*)$/.exec(args[i]);
    if (long !== null) reporter = long[1];
    else if (args[i] === "--reporter" || args[i] === "-R") reporter = args[++i] ?? reporter;
    else rest.push(args[i]);
  }
  return { reporter, rest };
}

/** Whether an argument names test files, rather than being a flag or a flag's value. */
function isSpec(arg) {
  return !arg.startsWith("-") && (arg.endsWith(".ts") || existsSync(join(root, arg)));
}

/** A folder stands for the tests in it; mocha by itself would look for JavaScript there. */
function specOf(arg) {
  const path = join(root, arg);
  return isSpec(arg) && existsSync(path) && statSync(path).isDirectory()
    ? `${arg.replace(/\/+$/, "")}/**/*.test.ts`
    : arg;
}
