import { prepare } from "./prepare.js";

if (process.argv.includes("--if-stale")) {
  await prepare();
} else {
  await prepare({ rebuild: true });
  const { writeMetadata } = await import("./metadata.js");
  await writeMetadata();
}
