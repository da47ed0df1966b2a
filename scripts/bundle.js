import { chmodSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Compiled for one machine, so they stay where npm has put them. */
const ADDONS = ["better-sqlite3", "sqlite3"];

/** CommonJS packages look for these; modules do not have them. */
const COMMONJS = [
  'import { createRequire as __odatumRequire } from "node:module";',
  'import { fileURLToPath as __odatumPath } from "node:url";',
  "const require = __odatumRequire(import.meta.url);",
  "const __filename = __odatumPath(import.meta.url);",
  'const __dirname = __odatumPath(new URL(".", import.meta.url));',
].join("\n");

/**
 * Puts the command and all that it needs into a few files, `dist/command`: most of a start is the search for, and the
 * opening of, a thousand modules. The folder is made beside the old one and takes its place when it is whole.
 *
 * @param {string} root the folder of the repository, with `dist` compiled
 */
export async function bundleCommand(root) {
  // Not before it is needed: it is installed by then.
  const { build } = await import("esbuild");
  const dist = join(root, "dist");
  const made = join(dist, `.command-${process.pid}`);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: "dist/cli/main.js", "reader-main": "dist/storage/sqlite/reader-main.js" },
    outdir: made,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // Types of the model are named after their classes.
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    banner: { js: COMMONJS },
    metafile: true,
    logLevel: "warning",
    plugins: [optionalPackages],
  });
  writeFileSync(join(made, "THIRD-PARTY-LICENSES.txt"), licenses(root, Object.keys(metafile.inputs)));
  chmodSync(join(made, "main.js"), 0o755);
  const target = join(dist, "command");
  rmSync(target, { recursive: true, force: true });
  renameSync(made, target);
}

/** Packages that are not installed are none of ours: libraries load them only where somebody has asked for them. */
const optionalPackages = {
  name: "optional-packages",
  setup(build) {
    build.onResolve({ filter: /^[^./#]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === optionalPackages || path.startsWith("node:")) return undefined;
      if (ADDONS.includes(path)) return { path, external: true };
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: optionalPackages });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

/** The licences of the packages whose code is in the bundle, as these ask for. */
function licenses(root, inputs) {
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)\b/i.test(entry));
    const text = file === undefined ? `License: ${String(license)}` : readFileSync(join(root, folder, file), "utf8");
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
