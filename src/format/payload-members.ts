import type { NavigationProperty, Property, StructuredType } from "../edm/model.js";
import { didYouMean } from "../errors/index.js";
import type { JsonValue } from "./json-text.js";
import type { Problems } from "./problems.js";

/** What the members of an object mean to the one who reads it. `path` is the JSON path of the member. */
export interface MemberVisitor {
  property(property: Property, value: JsonValue, path: string): void;
  /** A navigation property with its value inline. */
  inline(property: NavigationProperty, value: JsonValue, path: string): void;
  /** `nav@odata.bind`, or `nav@bind`. */
  bind(property: NavigationProperty, value: JsonValue, path: string): void;
  /** `nav@odata.delta`, or `nav@delta` as 4.01 has it: what is added to a collection, changed in it and taken out of it. */
  delta(property: NavigationProperty, value: JsonValue, path: string): void;
  /** A property that an open type does not declare; `type` is the value of its `@odata.type`, where it has one. */
  dynamic(name: string, value: JsonValue, type: JsonValue | undefined, path: string): void;
}

/** `odataIdentifier` of the ABNF. */
const IDENTIFIER = /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]{0,127}$/u;

/**
 * Sorts the members of an object by what they are. Annotations and control information are passed over, known or not
 * (JSON Format 4.01, section 4.6): a client may send back what it was given. Names that mean nothing become problems.
 *
 * @param path JSON path of the object, empty for the body itself
 */
export function visitMembers(
  type: StructuredType,
  members: ReadonlyMap<string, JsonValue>,
  path: string,
  problems: Problems,
  visitor: MemberVisitor,
): void {
  for (const [name, value] of members) {
    if (problems.full) return;
    const property = type.properties.get(name);
    const memberPath = path === "" ? name : `${path}.${name}`;
    if (property !== undefined) {
      visitor.property(property, value, memberPath);
      continue;
    }
    const at = name.indexOf("@");
    // `@odata.etag`, `@ns.term`, and `#ns.action`, which advertises an action.
    if (at === 0 || name.startsWith("#")) continue;
    if (at > 0) {
      const term = name.slice(at + 1);
      // The prefix is optional from 4.01 on (JSON Format 4.01, section 4.5).
      if (term === "odata.bind" || term === "bind")
        visitRelated(type, name.slice(0, at), "bind", value, memberPath, problems, visitor);
      else if (term === "odata.delta" || term === "delta")
        visitRelated(type, name.slice(0, at), "delta", value, memberPath, problems, visitor);
      continue;
    }
    const navigation = type.navigationProperties.get(name);
    if (navigation !== undefined) visitor.inline(navigation, value, memberPath);
    else if (!type.open) problems.add(unknownMember(type, name), memberPath);
    else if (IDENTIFIER.test(name)) {
      visitor.dynamic(name, value, members.get(`${name}@odata.type`) ?? members.get(`${name}@type`), memberPath);
    } else {
      problems.add(
        `'${name.slice(0, 200)}' is no name for a property; names are letters, digits and '_', at most 128.`,
        memberPath,
      );
    }
  }
}

function visitRelated(
  type: StructuredType,
  name: string,
  kind: "bind" | "delta",
  value: JsonValue,
  path: string,
  problems: Problems,
  visitor: MemberVisitor,
): void {
  const navigation = type.navigationProperties.get(name);
  if (navigation !== undefined) visitor[kind](navigation, value, path);
  else if (type.properties.has(name)) {
    problems.add(
      `'${name}' is no navigation property of '${type.qualifiedName}'; write its value under its own name.`,
      path,
    );
  } else {
    const hint = didYouMean(name, type.navigationProperties.keys()) || elsewhere(type, name);
    problems.add(`The type '${type.qualifiedName}' has no navigation property '${name.slice(0, 128)}'.${hint}`, path);
  }
}

function unknownMember(type: StructuredType, name: string): string {
  const known = [...type.properties.keys(), ...type.navigationProperties.keys()];
  const hint = elsewhere(type, name) || didYouMean(name, known);
  return `The type '${type.qualifiedName}' has no property '${name.slice(0, 128)}'.${hint}`;
}

/** ` The type 'a' derived from it has one; ...`: where another type of the hierarchy declares the name. */
function elsewhere(type: StructuredType, name: string): string {
  const declares = (other: StructuredType): boolean =>
    [...other.ownProperties, ...other.ownNavigationProperties].some((member) => member.name === name);
  const derived = (type.derivedTypes as readonly StructuredType[]).filter(declares);
  if (derived.length > 0)
    return ` ${list(derived)}, derived from it, ${has(derived)}: say the type with '@odata.type'.`;
  let root: StructuredType = type;
  while (root.baseType !== undefined) root = root.baseType;
  const others = (root.derivedTypes as readonly StructuredType[]).filter(declares);
  return others.length > 0 ? ` ${list(others)} ${has(others)}.` : "";
}

function list(types: readonly StructuredType[]): string {
  const names = types.slice(0, 3).map((type) => `'${type.qualifiedName}'`);
  return `The type${types.length > 1 ? "s" : ""} ${names.join(", ")}${types.length > 3 ? " and others" : ""}`;
}

function has(types: readonly StructuredType[]): string {
  return types.length > 1 ? "have one" : "has one";
}
