import type { NavigationProperty } from "../edm/model.js";
import type { JsonValue } from "./json-text.js";
import type { Problems } from "./problems.js";

/** One entity that a navigation property is to be tied to. */
export interface BindingUri {
  /** As the client wrote it: absolute or relative. */
  readonly uri: string;
  /** JSON path for errors: `rootCertificate@odata.bind`, `members@odata.bind[0]`. */
  readonly target: string;
}

/** What becomes of a navigation property: `null` unties a single-valued one. */
export type Binding = {
  /** One for a single-valued property. */
  readonly uris: readonly BindingUri[];
  /**
   * True where these are to be all related entities, false where they come to those that are there already. The latter is
   * what `@odata.bind` does to a collection on an update: JSON Format 4.0, section 8.5; inline references replace
   * (Protocol 4.01, section 11.4.3.1).
   */
  readonly replaces: boolean;
} | null;

/**
 * Reads `nav@odata.bind`: a URI, or an array of them for a collection; null as some clients write it to untie.
 *
 * @returns `undefined` where a problem was noted
 */
export function readBind(
  nav: NavigationProperty,
  value: JsonValue,
  path: string,
  problems: Problems,
): Binding | undefined {
  if (nav.collection) {
    if (value.kind !== "array") {
      problems.add(`The value of '${path}' must be an array of URIs, because '${nav.name}' is a collection.`, path);
      return undefined;
    }
    const uris = value.items.map((item, index) => readUri(item, `${path}[${index}]`, problems));
    return uris.every((uri) => uri !== undefined) ? { uris, replaces: false } : undefined;
  }
  if (value.kind === "null") return untie(nav, path, problems);
  if (value.kind === "array") {
    problems.add(`The value of '${path}' must be one URI, because '${nav.name}' is no collection.`, path);
    return undefined;
  }
  const uri = readUri(value, path, problems);
  return uri === undefined ? undefined : { uris: [uri], replaces: true };
}

/** Null for a single-valued property that may lead to nothing. */
export function untie(nav: NavigationProperty, path: string, problems: Problems): null | undefined {
  if (nav.nullable) return null;
  problems.add(`The value of '${path}' must not be null: '${nav.name}' always needs a related entity.`, path);
  return undefined;
}

export function readUri(value: JsonValue, path: string, problems: Problems): BindingUri | undefined {
  if (value.kind === "string" && value.value !== "") return { uri: value.value, target: path };
  problems.add(`The value of '${path}' must be the URI of an entity, as a JSON string.`, path);
  return undefined;
}
