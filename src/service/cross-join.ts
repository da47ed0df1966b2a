import type { BoundOptions } from "../binding/index.js";
import type { JoinedType } from "../format/rewrite.js";
import { rewriteJoined } from "../format/rewrite.js";
import { withKeysSelected } from "../format/selected-keys.js";
import { compileCrossjoin } from "../query/index.js";
import { checkItem } from "./answer-size.js";
import { answerCollection } from "./collection.js";
import { contentPreferences } from "./exchange.js";
import type { Reading } from "./reading.js";
import { contextText, pageName, relatedUrl } from "./reading.js";
import type { ODataResponse } from "./request.js";
import type { JoinRequest } from "./route.js";

/** `$crossjoin(A,B)`: URL Conventions 4.01, section 4.15. */
export function readCrossJoin(reading: Reading<JoinRequest>): Promise<ODataResponse> {
  const { resource, request, format, terms, context } = reading;
  const { route, options } = resource;
  const { sets } = route.request;
  const joined = sets.map(({ set }): JoinedType => ({
    name: set.name,
    type: set.entityType,
    expanded: options.expand.find(({ navigation }) => navigation.name === set.name),
    urlOf: (type, key) => `${request.serviceRoot}${context.urls.pathInSet(set, type, key)}`,
  }));
  const how = {
    model: context.model,
    format,
    omit: terms.preferences.omitValues,
    options,
    // The sets of the join have their own way to tell.
    entityUrl: () => "",
    relatedUrl: relatedUrl(request, context),
  };
  return answerCollection(reading, {
    pageable: "keyset",
    pageSize: context.behaviour.pageSize,
    ordered: false,
    statement: (page) =>
      route.statement(page === undefined ? "join" : `join ${pageName(page)}`, () =>
        compileCrossjoin(sets, withKeys(options), context.sql, page),
      ),
    context: format.level === "none" ? "" : contextText(request, "Collection(Edm.ComplexType)"),
    isItem: (row, { text }) => row[text] !== null,
    write: (row, { text }) => {
      checkItem(row[text] as string);
      return rewriteJoined(row[text] as string, joined, how);
    },
    isAsStored: false,
    missing: () => Promise.resolve(undefined),
    applied: contentPreferences(terms),
  });
}

/** Links are made of keys, whatever is selected of what is expanded. */
function withKeys(options: BoundOptions): BoundOptions {
  const expand = options.expand.map((item) => ({
    ...item,
    options: withKeysSelected(item.options, item.navigation.type),
  }));
  return { ...options, expand };
}
