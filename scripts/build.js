// `npm run build`: compiles everything anew and writes metadata/. With --if-stale it only compiles, and only what is stale.
import { checkNode } from "./check-node.js";

checkNode();
import("./run-build.js").catch((error) => {
  console.error(error);
  process.exit(1);
});
