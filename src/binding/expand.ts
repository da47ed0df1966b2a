import type { EntityType, ExpandCapabilities, Place } from "../edm/index.js";
import { isOrDerivesFrom, placeBehind } from "../edm/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, didYouMean, notImplemented } from "../errors/index.js";
import type { ExpandItem, QueryOptions } from "../syntax/index.js";
import type { BoundExpand, BoundOptions, NavigationSegment } from "./bound.js";
import { typeNamed } from "./default-namespaces.js";
import { castNames, declaresName, placeInPath } from "./names.js";
import { commonSegment, navigationSegment, ownSegment } from "./navigation.js";
import type { AllowedOptions, BindNested, OptionsTarget, QueryContext } from "./option-target.js";
import { allowedOptions } from "./option-target.js";
import { notTaken } from "./restrictions.js";
import { short } from "./short.js";

/**
 * Binds `$expand`: URL Conventions 4.01, section 5.1.3. Wildcards and `$levels` are put in: what comes out names each
 * navigation property, as deep as it goes.
 *
 * @param target of the options that `$expand` is one of; its variable ranges over entities of `type`
 * @param nested binds options in parentheses
 */
export function bindExpand(
  items: readonly ExpandItem[],
  type: EntityType,
  target: OptionsTarget,
  context: QueryContext,
  nested: BindNested,
): BoundExpand[] {
  return new ExpandBinder(target, context, nested).bind(items, type);
}

/** A navigation property, and the cast that stands before it. */
interface Found {
  readonly navigation: NavigationSegment;
  readonly cast: EntityType | undefined;
}

const noOptions: QueryOptions = { aliases: new Map(), custom: new Map() };

class ExpandBinder {
  readonly #target: OptionsTarget;
  readonly #context: QueryContext;
  readonly #nested: BindNested;
  readonly #depth: number;

  constructor(target: OptionsTarget, context: QueryContext, nested: BindNested) {
    this.#target = target;
    this.#context = context;
    this.#nested = nested;
    this.#depth = target.depth + 1;
  }

  bind(items: readonly ExpandItem[], type: EntityType): BoundExpand[] {
    const expanded: BoundExpand[] = [];
    const named = items.filter((item) => item.path.at(-1) !== "*");
    for (const item of named) {
      const bound = this.#item(item, type);
      if (expanded.some((other) => overlaps(other, bound, type))) {
        throw this.#error(item, `'${bound.navigation.name}' stands there twice`);
      }
      expanded.push(bound);
    }
    // What is named goes before what the star stands for.
    const stars = items.filter((item) => item.path.at(-1) === "*");
    if (stars.length > 1) throw this.#error(stars[1]!, "'*' stands there twice");
    for (const star of stars) {
      for (const found of this.#all(star, type)) {
        const clash = expanded.some((other) => overlaps(other, found, type));
        if (!clash) expanded.push(this.#expanded(star, found, undefined, type));
      }
    }
    return expanded;
  }

  #item(item: ExpandItem, type: EntityType): BoundExpand {
    const path = [...item.path];
    if (item.suffix === "$value") throw this.#stream(item, type, path);
    let cast: EntityType | undefined;
    while (path.length > 1 && this.#isCast(path[0]!, cast ?? type)) {
      cast = this.#castTo(item, path.shift()!, cast ?? type);
    }
    const owner = cast ?? type;
    const name = path.shift()!;
    if (name.startsWith("@")) {
      throw notImplemented(`This service does not offer annotations, such as '${short(name)}', in $expand.`, {
        target: "$expand",
      });
    }
    const navigation = navigationSegment(owner, name, this.#context);
    if (navigation === undefined) throw this.#noNavigation(item, owner, name, path);
    let targetCast: EntityType | undefined;
    while (path.length > 0) targetCast = this.#castTo(item, path.shift()!, targetCast ?? navigation.type);
    const isNarrower = (one: EntityType | undefined, than: EntityType) =>
      one === undefined || isOrDerivesFrom(than, one) ? undefined : one;
    const found = { navigation, cast: isNarrower(cast, type) };
    return this.#expanded(item, found, isNarrower(targetCast, navigation.type), type);
  }

  /** @param from the type that `$expand` is about */
  #expanded(item: ExpandItem, found: Found, targetCast: EntityType | undefined, from: EntityType): BoundExpand {
    const { navigation, cast } = found;
    const { path, suffix } = item;
    this.#context.counts.expandItem(this.#depth);
    this.#checkOffered(found);
    const what = suffix === "$ref" ? "references" : suffix === "$count" ? "count" : "entities";
    if (what === "count" && !navigation.collection) {
      throw this.#error(item, `'${navigation.name}' leads to a single entity, so there is nothing to count`);
    }
    if (what === "count" && this.#placeBehind(navigation)?.capabilities.count.countable === false) {
      throw notTaken("$count");
    }
    const options = item.options ?? noOptions;
    const star = path.at(-1) === "*";
    const { levels, ...others } = options;
    const again = what === "entities" ? this.#nextLevel(item, levels ?? 1, found, targetCast, from) : undefined;
    const inner: QueryOptions = star
      ? { ...noOptions, expand: again }
      : { ...others, expand: again === undefined ? others.expand : [...(others.expand ?? []), ...again] };
    return {
      navigation,
      cast,
      targetCast,
      what,
      ...(levels === undefined ? {} : { levels }),
      options: this.#options(inner, navigation, targetCast, what),
    };
  }

  /**
   * What `$levels` adds to the options of the next level: the same item with one level less (Protocol 4.01, section
   * 11.2.5.2.1.1).
   */
  #nextLevel(
    item: ExpandItem,
    levels: number | "max",
    { navigation, cast }: Found,
    targetCast: EntityType | undefined,
    from: EntityType,
  ): readonly ExpandItem[] | undefined {
    const most = Math.min(this.#context.counts.limits.maxExpandDepth - this.#depth, this.#levels - 1);
    const left = levels === "max" ? most : levels - 1;
    if (left <= 0) return undefined;
    const options: QueryOptions = { ...(item.options ?? noOptions), levels: levels === "max" ? "max" : left };
    if (item.path.at(-1) === "*") return [{ ...item, path: ["*"], options }];
    const target = targetCast ?? navigation.type;
    const source = cast ?? from;
    const behind = item.path.slice(item.path.indexOf(navigation.name));
    if (isOrDerivesFrom(target, source) && navigationSegment(target, navigation.name, this.#context) !== undefined) {
      return [{ ...item, path: behind, options }];
    }
    // The target may be of the source's type: then the way goes on over a cast.
    if (source !== target && isOrDerivesFrom(source, target)) {
      return [{ ...item, path: [source.qualifiedName, ...behind], options }];
    }
    if (levels === "max") return undefined;
    throw this.#error(
      item,
      `'${navigation.name}' leads to entities of type '${target.qualifiedName}', from which it does not go on, so $levels can only be 1`,
    );
  }

  get #restrictions(): Pick<ExpandCapabilities, "nonExpandable" | "maxLevels"> {
    return this.#target.place?.capabilities.expand ?? { nonExpandable: new Set(), maxLevels: -1 };
  }

  /** How many levels are left: `ExpandRestrictions/MaxLevels` of this place, and of those around it. */
  get #levels(): number {
    const { maxLevels } = this.#restrictions;
    return Math.min(this.#target.expandLevels ?? Infinity, maxLevels < 0 ? Infinity : maxLevels);
  }

  #options(
    options: QueryOptions,
    navigation: NavigationSegment,
    targetCast: EntityType | undefined,
    what: BoundExpand["what"],
  ): BoundOptions {
    const type = targetCast ?? navigation.type;
    const target: OptionsTarget = {
      variable: { name: "$this", type },
      place: this.#placeBehind(navigation),
      allowed: allowedFor(navigation, what),
      depth: this.#depth,
      expandLevels: this.#levels - 1,
    };
    return this.#nested(options, target, this.#context);
  }

  #placeBehind({ alternatives }: NavigationSegment): Place | undefined {
    const [first] = alternatives;
    const { place } = this.#target;
    if (place === undefined || first === undefined) return undefined;
    return placeBehind(place, first, this.#context.model.container);
  }

  /** `ExpandRestrictions`: 501 as a whole is the caller's business; single properties and levels are refused here. */
  #checkOffered({ navigation, cast }: Found): void {
    const { nonExpandable } = this.#restrictions;
    const path = cast === undefined ? navigation.name : `${cast.qualifiedName}/${navigation.name}`;
    if (nonExpandable.has(path) || nonExpandable.has(navigation.name)) {
      throw badRequest(`'${path}' cannot be expanded here, as the metadata of the service says.`, {
        target: "$expand",
      });
    }
    if (this.#levels < 1) {
      throw badRequest("$expand goes deeper than the metadata of the service allows it here.", { target: "$expand" });
    }
  }

  /** What `*` stands for: the navigation properties of the type, and those of derived types for their entities. */
  #all(star: ExpandItem, type: EntityType): Found[] {
    let owner = type;
    for (const name of star.path.slice(0, -1)) owner = this.#castTo(star, name, owner);
    const cast = owner === type || isOrDerivesFrom(type, owner) ? undefined : owner;
    const found: Found[] = [];
    for (const property of owner.navigationProperties.values()) {
      found.push({ navigation: ownSegment(property), cast });
    }
    for (const alternatives of owner.derivedNavigationProperties.values()) {
      const common = this.#context.derivedNavigation === true ? commonSegment(alternatives) : undefined;
      if (common !== undefined) found.push({ navigation: common, cast });
      else {
        for (const property of alternatives) {
          found.push({ navigation: ownSegment(property), cast: property.declaringType as EntityType });
        }
      }
    }
    const { nonExpandable } = this.#restrictions;
    return found.filter(({ navigation }) => !nonExpandable.has(navigation.name));
  }

  /** Whether a name says a type: with a namespace it can say nothing else, without one a property goes before it. */
  #isCast(name: string, type: EntityType): boolean {
    if (name.startsWith("@")) return false;
    return name.includes(".") || (!declaresName(type, name) && typeNamed(name, this.#context.model) !== undefined);
  }

  #castTo(item: ExpandItem, name: string, type: EntityType): EntityType {
    const cast = typeNamed(name, this.#context.model);
    if (cast?.kind === "entity" && (isOrDerivesFrom(cast, type) || isOrDerivesFrom(type, cast))) return cast;
    throw this.#error(
      item,
      `'${short(name)}' is no type derived from '${type.qualifiedName}'.${didYouMean(name, castNames(type))}`,
      name,
    );
  }

  #noNavigation(item: ExpandItem, owner: EntityType, name: string, rest: readonly string[]): ODataError {
    const property = owner.properties.get(name);
    const target = { target: "$expand" };
    if (property?.type.qualifiedName === "Edm.Stream" && rest.length === 0) {
      return notImplemented(
        `This service does not offer media streams within an answer, so '${name}' cannot be expanded; it has a URL of its own.`,
        target,
      );
    }
    if (property?.type.kind === "complex" && rest.length > 0) {
      return notImplemented(
        `This service does not offer to expand navigation properties of complex values, such as '${short(item.path.join("/"))}'.`,
        target,
      );
    }
    if (property !== undefined) {
      return this.#error(item, `'${name}' is no navigation property; $select is for properties`, name);
    }
    const known = [...owner.navigationProperties.keys(), ...owner.derivedNavigationProperties.keys()];
    return this.#error(
      item,
      `the type '${owner.qualifiedName}' has no navigation property named '${short(name)}'.${didYouMean(name, known)}`,
      name,
    );
  }

  #stream(item: ExpandItem, type: EntityType, path: readonly string[]): ODataError {
    if (path.length > 0 || !type.hasStream) {
      return this.#error(item, "'$value' is the media stream of a media entity, and there is none here");
    }
    return notImplemented(
      "This service does not offer media streams within an answer, so '$value' cannot be expanded; it has a URL of its own.",
      { target: "$expand" },
    );
  }

  /** @param name the one in the item's path that is wrong; the item as a whole, where absent */
  #error({ path, place }: ExpandItem, what: string, name?: string): ODataError {
    const stop = /[.?]$/.test(what) ? "" : ".";
    const index = name === undefined ? 0 : path.indexOf(name);
    const character = place.start + placeInPath(path, index) + 1;
    return badRequest(`Error in $expand at character ${character}: ${what}${stop}`, { target: "$expand" });
  }
}

function allowedFor({ collection, name }: NavigationSegment, what: BoundExpand["what"]): AllowedOptions {
  const base =
    what === "count"
      ? allowedOptions.count
      : what === "references"
        ? collection
          ? allowedOptions.references
          : allowedOptions.reference
        : collection
          ? allowedOptions.entities
          : allowedOptions.entity;
  return { ...base, what: `'${name}' in $expand, which is ${base.what}` };
}

/** Behind casts to types that have no entity in common a name may stand again. */
function overlaps(one: Found, other: Found, type: EntityType): boolean {
  if (one.navigation.name !== other.navigation.name) return false;
  const [a, b] = [one.cast ?? type, other.cast ?? type];
  return isOrDerivesFrom(a, b) || isOrDerivesFrom(b, a);
}
