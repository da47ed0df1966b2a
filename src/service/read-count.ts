import { negotiateRaw } from "../format/media.js";
import { compileCount } from "../query/index.js";
import { explainMissing } from "./locate.js";
import type { Reading } from "./reading.js";
import { rowsOf } from "./reading.js";
import type { ODataResponse } from "./request.js";

/** `/$count` behind a collection of entities: Protocol 4.01, section 11.2.10. */
export async function readCount(reading: Reading): Promise<ODataResponse> {
  const { resource, context, reads } = reading;
  const { path, options, route } = resource;
  // `Accept` has no part in it (the same section): clients that always ask for JSON get their number.
  negotiateRaw("text/plain", undefined, route.format);
  const statement = route.statement("count", () => compileCount(path, options, context.sql));
  const [row] = await rowsOf(statement, reading);
  const count = String(row![0]);
  if (count === "0") {
    const error = await explainMissing(resource, context, reads);
    if (error !== undefined) throw error;
  }
  return numberResponse(count, reading);
}

/** A number as plain text. */
export function numberResponse(number: string, { terms }: Pick<Reading, "terms">): ODataResponse {
  return { status: 200, headers: { "content-type": "text/plain", "odata-version": terms.version }, body: number };
}
