import "reflect-metadata";
import * as serverOData from "odata-v4-server/build/lib/odata.js";
import type { DecoratedClass } from "./class-annotations.js";
import { completed } from "./engine.js";
import type { RecordValue } from "./restrictions.js";
import type { Annotation } from "./source.js";
import { terms } from "./vocabulary.js";

const storedKey = "odatum:stored";

/** Class decorator: the engine answers for entity sets with controllers of this class, and of those that derive from it. */
export function answeredByEngine(controller: object): void {
  Reflect.defineMetadata(storedKey, true, controller);
}

/**
 * The annotations of an entity set with what its controller cannot do, where that is written by hand: there is no method for
 * it. What the engine does with stored entities beyond single ones (upserts, `$each`, delta payloads) is the engine's only.
 *
 * @param annotations what the controller says itself, which goes before it
 */
export function withControllerRestrictions(
  annotations: readonly Annotation[],
  controller: DecoratedClass,
): readonly Annotation[] {
  if (Reflect.hasMetadata(storedKey, controller)) return annotations;
  const verbs = verbsOf(controller);
  const methods = ["patch", "put"].filter((verb) => verbs.has(verb)).map((verb) => verb.toUpperCase());
  const known: readonly (readonly [term: string, members: RecordValue])[] = [
    [terms.insertRestrictions, verbs.has("post") ? { TypecastSegmentSupported: false } : { Insertable: false }],
    [
      terms.updateRestrictions,
      methods.length === 0
        ? { Updatable: false }
        : {
            Upsertable: false,
            DeltaUpdateSupported: false,
            UpdateMethod: methods.join(","),
            FilterSegmentSupported: false,
            TypecastSegmentSupported: false,
          },
    ],
    [
      terms.deleteRestrictions,
      verbs.has("delete") ? { FilterSegmentSupported: false, TypecastSegmentSupported: false } : { Deletable: false },
    ],
  ];
  return known.reduce((said, [term, members]) => completed(said, term, members), annotations);
}

/** What methods are decorated for, or named after: `get`, `post`, `delete/Category`. */
function verbsOf(controller: DecoratedClass): ReadonlySet<string> {
  const verbs = new Set<string>();
  let prototype = controller.prototype as object | null;
  for (
    ;
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      verbs.add(name);
      const decorated = serverOData.getMethod(controller, name) as readonly string[] | undefined;
      for (const verb of decorated ?? []) verbs.add(verb);
    }
  }
  return verbs;
}
