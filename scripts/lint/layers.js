import { dirname, relative, resolve, sep } from "node:path";

/** The folders of `src/`; each imports only from those in front of it. */
const order = ["errors", "syntax", "edm", "binding", "query", "format", "storage", "service", "http", "graph", "cli"];

/** `src/index.ts`, as if it were a folder. */
const face = "index.ts";

/**
 * Why a folder of `src/` may not import from another, or undefined where it may.
 *
 * @param {string} from
 * @param {string} to
 * @param {boolean} typesOnly
 * @returns {string | undefined}
 */
export function problem(from, to, typesOnly) {
  if (from === to) return undefined;
  for (const folder of [from, to]) {
    if (folder !== face && !order.includes(folder))
      return `'${folder}' has no place in the order of scripts/lint/layers.js.`;
  }
  if (from === "cli") return undefined;
  if (from === "graph") {
    return to === face ? undefined : `'graph' uses the framework's public face only ('../index.js'), not '${to}'.`;
  }
  if (to === face) return `src/index.ts is for those who use the framework; '${from}' is a part of it.`;
  if (from === face) {
    return order.indexOf(to) < order.indexOf("graph") ? undefined : `The framework knows nothing of '${to}'.`;
  }
  const ofEachOther = (from === "edm" && to === "syntax") || (from === "syntax" && to === "edm");
  if (ofEachOther) return typesOnly ? undefined : `'${from}' imports only types from '${to}'.`;
  if (from === "edm") return `'edm' stands alone; of the other folders it imports only types, from 'syntax'.`;
  return order.indexOf(to) < order.indexOf(from)
    ? undefined
    : `'${from}' comes before '${to}' in the order of the folders and cannot import from it.`;
}

/** Keeps the folders of `src/` in their order (see docs/architecture.md). */
export const layers = {
  meta: {
    type: "problem",
    schema: [{ type: "object", properties: { root: { type: "string" } }, additionalProperties: false }],
  },
  create(context) {
    const src = resolve(context.options[0].root, "src");
    const from = place(src, context.filename);
    if (from === undefined) return {};
    const check = (node, source, typesOnly) => {
      if (typeof source?.value !== "string" || !source.value.startsWith(".")) return;
      const target = resolve(dirname(context.filename), source.value);
      const to = place(src, target);
      if (to === undefined) {
        context.report({ node: source, message: "What is in src/ imports nothing of ours that is outside of it." });
        return;
      }
      const message = problem(from, to, typesOnly);
      if (message !== undefined) context.report({ node: source, message });
    };
    const kinds = (specifiers, kind) => specifiers.length > 0 && specifiers.every((each) => each[kind] === "type");
    return {
      ImportDeclaration: (node) =>
        check(node, node.source, node.importKind === "type" || kinds(node.specifiers, "importKind")),
      ExportNamedDeclaration: (node) =>
        check(node, node.source, node.exportKind === "type" || kinds(node.specifiers, "exportKind")),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === "type"),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal, true),
    };
  },
};

/** The folder of `src/` that a file is in, the public face for `src/index`, undefined outside. */
function place(src, file) {
  const path = relative(src, file);
  if (path === "" || path.startsWith("..")) return undefined;
  const [first, ...rest] = path.split(sep);
  return rest.length === 0 && /^index\.[jt]s$/.test(first) ? face : first;
}
