// `npm run catalog`: installs and builds what is missing or stale, then serves the sample in samples/catalog. Flags after
// `--` go to samples/catalog/main.ts.
import { checkNode } from "./check-node.js";

checkNode();
import("./run-catalog.js").catch((error) => {
  console.error(error);
  process.exit(1);
});
