/** Lets Node run the tests' TypeScript, decorators included: tsx finds no setting for them in the sources' tsconfig. */
import { fileURLToPath } from "node:url";

process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL("./tsconfig.json", import.meta.url));
await import("tsx");
