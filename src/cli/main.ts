#!/usr/bin/env node
import nodeModule from "node:module";

// Nothing else is imported up here: an old Node would fail on it before it could be told why.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`odatum: Node.js 20.19 or newer is needed; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  // Node 22.8 and newer keep compiled code between runs, which takes a third off the start.
  (nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
  const { run } = await import("./program.js");
  await run(process.argv);
}
