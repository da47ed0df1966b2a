// `npm start`: installs and builds what is missing or stale, then serves. Flags after `--` go to `odatum serve`.
import { checkNode } from "./check-node.js";

checkNode();
import("./run-start.js").catch((error) => {
  console.error(error);
  process.exit(1);
});
