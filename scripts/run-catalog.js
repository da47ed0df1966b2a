import { join } from "node:path";
import { followParent } from "./follow-parent.js";
import { prepare, root } from "./prepare.js";
import { runTool } from "./run-tool.js";

followParent();
await prepare();
await runTool(
  process.execPath,
  [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", join("samples", "tsconfig.build.json")],
  {
    cwd: root,
    name: "tsc -p samples/tsconfig.build.json",
    activity: () => "compiling TypeScript",
    failure: "The samples do not compile.",
  },
);
// In this process: signals reach the server without anyone handing them on.
await import("../build/samples/catalog/main.js");
