import { badRequest } from "../errors/index.js";
import { compileReferences } from "../query/index.js";
import { answerCollection } from "./collection.js";
import { emptyResponse, jsonResponse } from "./exchange.js";
import { explainMissing, keyScalarsOf } from "./locate.js";
import { pageName } from "./reading.js";
import type { Reading } from "./reading.js";
import { contextMember, rowsOf } from "./reading.js";
import type { ODataResponse } from "./request.js";

/** `/$ref`: Protocol 4.01, section 11.2.8. */
export async function readReferences(reading: Reading): Promise<ODataResponse> {
  const { resource, request, format, terms, context, reads } = reading;
  const { path, options, route } = resource;
  if (options.select !== undefined || options.expand.length > 0)
    throw badRequest("$select and $expand do not apply to '$ref'.", { target: "$select" });
  const mapping = context.mapping.entity(path.type);
  const missing = () => explainMissing(resource, context, reads);
  /** The reference without its braces; `columns` are the type's and the key's. */
  const reference = ([discriminator, ...values]: readonly unknown[]) => {
    const type = mapping.discriminator?.typeOf.get(discriminator as string) ?? path.type;
    const key = keyScalarsOf(type, values.slice(0, type.key.length));
    const url = `${request.serviceRoot}${context.urls.entityPath(type, key, path.segments)}`;
    return `"@odata.id":${JSON.stringify(url)}`;
  };
  if (path.collection) {
    return answerCollection(reading, {
      pageable: "keyset",
      pageSize: context.pageSize(path),
      ordered: false,
      statement: (page) =>
        route.statement(page === undefined ? "references" : `references ${pageName(page)}`, () =>
          compileReferences(path, options, context.sql, page),
        ),
      context: contextMember(reading),
      // The type may be NULL; the key never is.
      isItem: (row, { text }) => row[text + 1] !== null,
      write: (row, { text }) => `{${reference(row.slice(text))}}`,
      isAsStored: false,
      missing,
      applied: {},
    });
  }
  const statement = route.statement("references", () => compileReferences(path, options, context.sql));
  const [row] = await rowsOf(statement, reading);
  if (row === undefined) {
    const error = await missing();
    if (error !== undefined) throw error;
    return emptyResponse(204, terms.version);
  }
  const own = contextMember(reading);
  return jsonResponse(200, `{${own === "" ? "" : `${own},`}${reference(row)}}`, format, terms.version);
}
