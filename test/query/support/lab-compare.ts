import { bindUri } from "../../../src/binding/index.js";
import { canonicalDecimal } from "../../../src/edm/primitives/index.js";
import { ODataError } from "../../../src/errors/index.js";
import { parseJson } from "../../../src/format/json-text.js";
import type { JsonValue } from "../../../src/format/json-text.js";
import { evaluateCrossJoin, evaluatePath } from "../../../src/query/memory/index.js";
import type { MemoryContext, MemoryPage } from "../../../src/query/memory/index.js";
import { parseUri } from "../../../src/syntax/index.js";
import { labModel } from "./lab.js";
import { encoded } from "./lab-service.js";
import type { Answer } from "./lab-service.js";

/** The data behind the entity sets. */
export type Sets = Readonly<Record<string, readonly object[]>>;

/** What plain objects answer to a request, in the form in which the service does. */
export function fromMemory(url: string, data: Sets): Answer {
  try {
    const bound = bindUri(parseUri(encoded(url)), labModel, {});
    const context: MemoryContext = { model: labModel, root: ({ name }) => data[name] };
    if (bound.kind === "crossjoin") return collection(evaluateCrossJoin(bound, context));
    if (bound.kind !== "resource") throw new Error("A resource was expected.");
    const result = evaluatePath(bound.path, bound.options, context);
    switch (result.kind) {
      case "count":
        return { status: 200, body: String(result.count) };
      case "single":
        return { status: 200, body: result.value };
      case "none":
        return { status: 404, body: "" };
      case "collection":
        return collection(result);
    }
  } catch (error) {
    if (error instanceof ODataError) return { status: error.status, body: error.message };
    throw error;
  }
}

function collection({ value, count }: MemoryPage): Answer {
  const counted = count === undefined ? "" : `"@odata.count":${count},`;
  return { status: 200, body: `{${counted}"value":[${value.join(",")}]}` };
}

/**
 * Whether two answers to a request say the same: equal as JSON, the order of the members and control information that has
 * to do with URLs apart. Doubles are equal if they are the same double, all other numbers if they have the same digits.
 */
export function isSame(url: string, one: Answer, other: Answer): boolean {
  // Nothing there is 404, or 204 where a related entity could be.
  if (one.status === 204 || other.status === 204)
    return [204, 404].includes(one.status) && [204, 404].includes(other.status);
  if (one.status !== other.status) return false;
  return one.status >= 400 || normalised(url, one.body) === normalised(url, other.body);
}

export function normalised(url: string, body: string): string {
  return write(parseJson(body), doubles.test(url.split("?")[0]!));
}

/** What the service adds: URLs, and the types of computed members. */
function isControl(name: string): boolean {
  return /@odata\.(?!type$|etag$|count$)|.@odata\.type$/.test(name);
}

const doubles = /Double(s?)$|Single$|^(ratio|share)$/;

function write(value: JsonValue, isDouble: boolean): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "boolean":
      return String(value.value);
    case "string":
      return JSON.stringify(value.value);
    case "number":
      return isDouble ? String(Number(value.text) + 0) : canonicalDecimal(value.text)!;
    case "array":
      return `[${value.items.map((item) => write(item, isDouble)).join(",")}]`;
    case "object": {
      const members = [...value.members].filter(([name]) => !isControl(name));
      const texts = members.map(
        ([name, member]) =>
          `${JSON.stringify(name)}:${write(member, name === "value" ? isDouble : doubles.test(name))}`,
      );
      return `{${texts.sort().join(",")}}`;
    }
  }
}
