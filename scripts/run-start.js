import { join } from "node:path";
import { followParent } from "./follow-parent.js";
import { prepare, root } from "./prepare.js";

followParent();
await prepare();
// In this process: signals reach the server without anyone handing them on, and its exit code is ours.
const main = join(root, "dist", "command", "main.js");
process.argv = [process.argv[0], main, "serve", ...process.argv.slice(2)];
await import("../dist/command/main.js");
