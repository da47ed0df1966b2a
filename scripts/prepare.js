import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleCommand } from "./bundle.js";
import { withLock } from "./lock.js";
import { runTool, say } from "./run-tool.js";

/** The folder of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const modules = join(root, "node_modules");
const dist = join(root, "dist");
/** What was installed and found to work, and what was built from which sources. */
const installStamp = join(modules, ".odatum-install.json");
const buildStamp = join(dist, ".build.json");
/** The addons that npm compiles, and the file that each becomes. */
const addons = new Map([
  ["better-sqlite3", join(modules, "better-sqlite3", "build", "Release", "better_sqlite3.node")],
  ["sqlite3", join(modules, "sqlite3", "build", "Release", "node_sqlite3.node")],
]);

/**
 * Brings `node_modules` and `dist` up to date, and says so where there is something to do. A failure ends the process.
 *
 * @param {{ rebuild?: boolean }} [options] `rebuild`: compile even what is not stale
 */
export async function prepare({ rebuild = false } = {}) {
  // The usual case takes no lock: nothing is written.
  if (!rebuild && installed() && built()) return;
  await withLock(join(root, ".odatum", "prepare.lock"), async () => {
    // Looked at again: whoever had the lock may have done it.
    if (!installed()) await install();
    if (rebuild || !built()) await build(!rebuild && existsSync(buildStamp));
  });
}

/* Installing */

/** What an installation depends on: the lockfile, and the Node that the addons are compiled for. */
function installKey() {
  const lockfile = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return `${lockfile} ${process.platform}-${process.arch}-${process.versions.modules}`;
}

function installed() {
  return readJson(installStamp)?.key === installKey();
}

async function install() {
  if (!matchesLockfile()) {
    const why = existsSync(modules) ? "package-lock.json has changed" : "there is no node_modules";
    say(`Installing dependencies with npm ci (${why}); the SQLite addons may be compiled, which takes minutes.`);
    // JOBS: node-gyp hands it to make. Development dependencies whatever NODE_ENV says: the compiler is one.
    await npm(["ci", "--include=dev", "--no-audit", "--no-fund"], "npm ci", installActivity);
  }
  const broken = [...addons.keys()].filter((name) => !loads(name));
  if (broken.length > 0) {
    say(`Compiling ${broken.join(" and ")} for Node.js ${process.versions.node}.`);
    await npm(["rebuild", ...broken], `npm rebuild ${broken.join(" ")}`, () => `compiling ${broken.join(", ")}`);
    for (const name of broken) {
      const problem = addonProblem(name);
      if (problem === undefined) continue;
      say(
        `The SQLite driver '${name}' was installed, but does not load: ${problem}\n` +
          "It needs its install script: look for 'ignore-scripts' in 'npm config list', and whether python3, make and g++ are there.",
      );
      process.exit(1);
    }
  }
  writeFileSync(installStamp, `${JSON.stringify({ key: installKey() })}\n`);
}

/** Whether what npm says it has installed is what the lockfile asks for: whoever ran `npm ci` by hand has done our work. */
function matchesLockfile() {
  const wanted = readJson(join(root, "package-lock.json"))?.packages ?? {};
  const present = readJson(join(modules, ".package-lock.json"))?.packages;
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    if (present[path] === undefined)
      return entry.optional === true || entry.peer === true || entry.devOptional === true;
    return present[path].version === entry.version && existsSync(join(root, path));
  });
}

function loads(name) {
  return addonProblem(name) === undefined;
}

/** Tries an addon in a process of its own: one that fails to load here could not be loaded again once it is repaired. */
function addonProblem(name) {
  const open =
    name === "better-sqlite3" ? 'new (require(name))(":memory:").close()' : 'new (require(name).Database)(":memory:")';
  const { status, stderr, signal } = spawnSync(process.execPath, ["-e", `const name = "${name}"; ${open};`], {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  const message = /^\S*Error: [^]*?(?=\n\s+at |\n\n|$(?![^]))/m.exec(stderr)?.[0].replace(/\s+/g, " ");
  return message ?? `exit ${String(status ?? signal)}`;
}

function installActivity() {
  const waiting = [...addons].filter(([, file]) => !existsSync(file)).map(([name]) => name);
  const compiling = waiting.filter((name) => existsSync(join(modules, name, "build")));
  if (compiling.length > 0) return `compiling ${compiling.join(" and ")}`;
  return waiting.length > 0 ? "fetching packages" : "finishing";
}

/* Building */

/** @returns the files that a build reads, relative to the root, and one digest of them all */
function sources() {
  const files = [
    "scripts/bundle.js",
    "tsconfig.json",
    "migrations/tsconfig.json",
    ...list("src"),
    ...list("migrations"),
  ]
    .filter((file) => /\.ts$|\/?tsconfig\.json$|^scripts\//.test(file))
    .sort();
  const hash = createHash("sha256");
  // Contents, not times: a checkout or a copy changes those.
  for (const file of files)
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)))
      .update("\0");
  return { files, digest: hash.digest("hex") };
}

function built() {
  return existsSync(join(dist, "command", "main.js")) && readJson(buildStamp)?.sources === sources().digest;
}

async function build(stale) {
  say(stale ? "Building: the sources have changed." : "Building.");
  const before = sources();
  rmSync(buildStamp, { force: true });
  const tsc = join(modules, "typescript", "bin", "tsc");
  // The migrations first: src imports them as `#migrations`, which is in dist.
  for (const project of ["migrations", "."]) {
    await runTool(process.execPath, [tsc, "-p", project], {
      cwd: root,
      name: `tsc -p ${project}`,
      activity: () => "compiling TypeScript",
      // The compiler's findings are what is wanted, whole.
      failure: "The sources do not compile.",
    });
  }
  prune(new Set(before.files));
  await bundleCommand(root);
  // Had a source changed meanwhile, nobody knows which of its texts was compiled.
  if (sources().digest === before.digest) writeFileSync(buildStamp, `${JSON.stringify({ sources: before.digest })}\n`);
}

/** Removes from dist what has no source any more. (Emptying dist first would leave others without it for seconds.) */
function prune(sources) {
  for (const file of list("dist")) {
    // Made of the others, as a whole.
    if (file.startsWith("dist/command/")) continue;
    const source = relative("dist", file)
      .replace(/(\.d\.ts|\.js|\.js\.map)$/, ".ts")
      .split(sep)
      .join("/");
    if (!sources.has(`src/${source}`) && !sources.has(source)) rmSync(join(root, file));
  }
}

/* Helpers */

async function npm(args, name, activity) {
  // The npm that runs us, where one does; npm_execpath may also be another package manager.
  const own = process.env.npm_execpath;
  const [command, first] = own !== undefined && /npm-cli\.js$/.test(own) ? [process.execPath, [own]] : ["npm", []];
  await runTool(command, [...first, ...args], {
    cwd: root,
    name,
    activity,
    shell: command === "npm" && process.platform === "win32",
    env: { JOBS: "max", ...process.env },
    failure: `'${name}' failed.`,
  });
}

function list(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(root, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join("/"),
    );
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
