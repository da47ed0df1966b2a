import { searchedPaths } from "../../edm/index.js";
import type { SearchExpression } from "../../syntax/index.js";
import { entityOf, Instance, type Value } from "./value.js";

/** What a search expression says of one item. */
export type SearchTest = (item: Value) => boolean;

/**
 * `$search` (URL Conventions 4.01, section 5.1.7, and docs/query-semantics.md): a term is there if one of the entity's
 * searchable properties has its words next to each other.
 */
export function compileSearch(search: SearchExpression): SearchTest {
  const matches = compileTerm(search);
  return (item) => {
    const texts = searchableTexts(item);
    return matches(texts);
  };
}

/** Words in lower case, with a space before, between and behind them: a phrase is there if its text is. */
type WordText = string;

/** Chains of AND and OR lean to the left: they are walked. */
function compileTerm(search: SearchExpression): (texts: readonly WordText[]) => boolean {
  const steps: { readonly and: boolean; readonly test: (texts: readonly WordText[]) => boolean }[] = [];
  let left = search;
  while (left.kind === "SearchBinary") {
    steps.push({ and: left.operator === "AND", test: compileTerm(left.right) });
    left = left.left;
  }
  const first = compileLeaf(left);
  steps.reverse();
  if (steps.length === 0) return first;
  return (texts) => {
    let result = first(texts);
    for (const { and, test } of steps) result = and ? result && test(texts) : result || test(texts);
    return result;
  };
}

function compileLeaf(
  search: Exclude<SearchExpression, { readonly kind: "SearchBinary" }>,
): (texts: readonly WordText[]) => boolean {
  if (search.kind === "SearchNot") {
    const operand = compileTerm(search.operand);
    return (texts) => !operand(texts);
  }
  const words = wordText(search.text);
  // What has no words is nowhere.
  return (texts) => words !== "" && texts.some((text) => text.includes(words));
}

const WORD = /[\p{L}\p{Nd}]+/gu;

function wordText(text: string): WordText {
  const words = text.toLowerCase().match(WORD);
  return words === null ? "" : ` ${words.join(" ")} `;
}

function searchableTexts(item: Value): WordText[] {
  const entity = entityOf(item);
  if (entity === null || entity.type.kind !== "entity") return [];
  return searchedPaths(entity.type).flatMap((path) => {
    let value: Value = entity;
    for (const { name } of path) {
      if (!(value instanceof Instance) || !value.type.properties.has(name)) return [];
      value = value.members.property(name);
    }
    return typeof value === "string" ? [wordText(value)] : [];
  });
}
