import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./prepare.js";

/** What stands for the service's address in the documents; nothing is asked there. */
const SERVICE_ROOT = "https://graph.example.com/beta/";

/** What the services say of themselves, as they answer it: the text by the name of the file in `metadata/`. */
async function documents() {
  const { createGraphService } = await import("../dist/graph/index.js");
  const service = await createGraphService({ url: "sqlite::memory:" });
  try {
    const get = async (url) => {
      const request = { method: "GET", url, headers: {}, body: undefined, serviceRoot: SERVICE_ROOT };
      return String((await service.handle(request)).body);
    };
    // Indented, so that a change shows in its own lines.
    const indented = (text) => `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
    return new Map([
      ["graph-beta.xml", await get("/$metadata?$format=xml")],
      ["graph-beta.json", indented(await get("/$metadata?$format=json"))],
      ["graph-beta.service.json", indented(await get("/"))],
    ]);
  } finally {
    await service.close();
  }
}

/** Writes the documents that have changed. */
export async function writeMetadata() {
  mkdirSync(join(root, "metadata"), { recursive: true });
  for (const [name, text] of await documents()) {
    if (committed(name) === text) continue;
    writeFileSync(join(root, "metadata", name), text);
    console.log(`Wrote metadata/${name}.`);
  }
}

/** @returns for each document that is not what the classes say, where it differs */
export async function checkMetadata() {
  const differences = [];
  for (const [name, text] of await documents()) {
    const found = committed(name);
    if (found === undefined) differences.push(`metadata/${name} is missing.`);
    else if (found !== text) differences.push(describe(name, found, text));
  }
  return differences;
}

function committed(name) {
  const file = join(root, "metadata", name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** How many lines differ, and the first few of them; lines are compared as a bag, for most changes move the rest. */
function describe(name, found, wanted) {
  const gone = without(found, wanted);
  const come = without(wanted, found);
  const first = [
    ...gone.slice(0, 5).map((line) => `  - ${line.trim()}`),
    ...come.slice(0, 5).map((line) => `  + ${line.trim()}`),
  ];
  return [`metadata/${name}: ${gone.length} lines too many, ${come.length} missing.`, ...first].join("\n");
}

function without(text, other) {
  const counts = new Map();
  for (const line of other.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  return text.split("\n").filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}
