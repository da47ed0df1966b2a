import type { EntityType, Property } from "../edm/index.js";
import { ODataError } from "../errors/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { MediaFacts } from "../storage/index.js";
import type { StreamTarget } from "./media-target.js";
import type { ODataRequest } from "./request.js";

/**
 * What an entity's properties tell of a content (`@Edm.MediaFact`), as the payload of a change: it is the service that sets
 * them, whatever clients may write.
 *
 * @param media the content; `undefined` where it was taken away
 */
export function factsPayload(
  type: EntityType,
  { property: stream }: Pick<StreamTarget, "property">,
  media: MediaFacts | undefined,
  slug?: string,
): EntityPayload {
  const properties = new Map<Property, string>();
  for (const property of type.properties.values()) {
    const { mediaFact } = property;
    if (mediaFact === undefined || mediaFact.stream !== stream?.name) continue;
    switch (mediaFact.fact) {
      case "contentType":
        properties.set(property, textOf(property, media?.contentType));
        break;
      case "size":
        properties.set(property, media === undefined ? nothing(property, "0") : String(media.size));
        break;
      case "slug":
        if (slug !== undefined) properties.set(property, JSON.stringify(cut(slug, property)));
    }
  }
  return { type, properties, dynamicProperties: new Map(), bindings: new Map() };
}

function textOf(property: Property, value: string | undefined): string {
  if (value === undefined) return nothing(property, '""');
  const most = property.facets.maxLength;
  if (typeof most === "number" && value.length > most) {
    throw new ODataError(
      415,
      "UnsupportedMediaType",
      `The media type is longer than the ${most} characters that '${property.name}' can hold.`,
      { target: "Content-Type" },
    );
  }
  return JSON.stringify(value);
}

function nothing({ nullable }: Property, zero: string): string {
  return nullable ? "null" : zero;
}

/** RFC 5023, section 9.7: the server may change what a client proposes. */
function cut(slug: string, { facets: { maxLength } }: Property): string {
  return typeof maxLength === "number" ? [...slug].slice(0, maxLength).join("") : slug;
}

/** The longest slug that is looked at, as it is sent. */
const LONGEST_SLUG = 2_000;

/**
 * The name that a client proposes for what it creates: percent-encoded UTF-8 in the header `Slug` (RFC 5023, section 9.7).
 *
 * @returns `undefined` where there is none, or none that can be read: it is but a proposal
 */
export function slugOf({ headers }: Pick<ODataRequest, "headers">): string | undefined {
  const { slug } = headers;
  if (slug === undefined || slug.length > LONGEST_SLUG) return undefined;
  try {
    const text = decodeURIComponent(slug.trim());
    return text.replace(/\p{Cc}/gu, "").trim() || undefined;
  } catch {
    return undefined;
  }
}
