// Writes metadata/ from the compiled classes; with --check, fails where what is committed differs from them.
import { prepare } from "./prepare.js";
import { checkMetadata, writeMetadata } from "./metadata.js";

await prepare();
if (process.argv.includes("--check")) {
  const differences = await checkMetadata();
  for (const difference of differences) console.error(difference);
  if (differences.length > 0) {
    console.error("The classes say something else than metadata/; run 'npm run build' and commit what it writes.");
    process.exitCode = 1;
  }
} else {
  await writeMetadata();
}
