// In the syntax of old Node versions, which have to read it before they can be turned away.
const [major, minor] = process.versions.node.split(".").map(Number);

/** Ends the process with a line for people where this Node is too old. */
export function checkNode() {
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write("odatum: Node.js 20.19 or newer is needed; this is " + process.versions.node + ".\n");
  process.exit(1);
}
