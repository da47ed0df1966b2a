import type { ODataError } from "../errors/index.js";
import { badRequest, notImplemented } from "../errors/index.js";
import type { Place } from "../syntax/index.js";

/** 400 with the place. */
export function applyError({ place }: { readonly place: Place }, what: string): ODataError {
  const stop = /[.?]$/.test(what) ? "" : ".";
  return badRequest(`Error in $apply at character ${place.start + 1}: ${what}${stop}`, { target: "$apply" });
}

/**
 * 501 with the place.
 *
 * @param instead what is offered instead, as a sentence of its own
 */
export function applyNotOffered({ place }: { readonly place: Place }, what: string, instead = ""): ODataError {
  const hint = instead === "" ? "" : ` ${instead}`;
  return notImplemented(`This service does not offer ${what} in $apply (at character ${place.start + 1}).${hint}`, {
    target: "$apply",
  });
}
