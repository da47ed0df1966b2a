import type { BoundPath, EntitySegment } from "../binding/index.js";
import { badRequest } from "../errors/index.js";
import type { JsonFormat } from "../format/media.js";
import type { SqlValue } from "../query/index.js";
import { compileCount, compileRow, parameterValues } from "../query/index.js";
import type { Transaction } from "../storage/index.js";
import { toJson, toSql } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import type { Terms } from "./exchange.js";
import { isLong } from "./invoke-values.js";
import type { Located } from "./locate.js";
import { explainMissing, keyScalars } from "./locate.js";
import { entityContent, entityText } from "./read.js";
import type { Reading } from "./reading.js";
import { readingBack } from "./reading.js";
import type { ODataRequest } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { keySegment, SlotInput } from "./route.js";
import { valueColumns } from "./values.js";

/** How many members one request may change, where the service does not say another number. */
const DEFAULT_MAX_SET_MEMBERS = 5_000;

/**
 * The members of the collection in front of `/$each`, with the values of {@link valueColumns}.
 *
 * @throws {ODataError} 400 where they are more than one request may change, 404 where there is no such collection
 */
export async function membersOf(
  resource: ResourceRequest,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Located[]> {
  const { path, route, values } = resource;
  const counting = route.statement("members count", () =>
    compileCount({ ...path, tail: { kind: "count" } }, { ...resource.options, filter: undefined }, context.sql),
  );
  const [counted] = await transaction.rows(counting.text, parameterValues(counting, values), counting.functions);
  checkSetSize(Number(counted?.at(-1) ?? 0), context);
  const { mapping, key, type, columns } = layoutOf(path, context);
  const statement = route.statement("members", () => compileRow(path, context.sql, [...key, ...type, ...columns]));
  const rows = await transaction.rows(statement.text, parameterValues(statement, values), statement.functions);
  if (rows.length === 0) {
    const error = await explainMissing(resource, context, transaction);
    if (error !== undefined) throw error;
  }
  return rows.map((row): Located => {
    const own = key.map((column, part) => {
      const value = row[part] as SqlValue;
      // Integers come as texts: see compileRow.
      return kindOf(mapping, column) === "integer" ? toSql(value as string, "integer") : value;
    });
    const actual = mapping.discriminator?.typeOf.get(row[key.length] as string) ?? path.type;
    return { type: actual, mapping, key: own, values: row.slice(key.length + type.length) };
  });
}

function layoutOf({ type }: BoundPath, context: ServiceContext) {
  const mapping = context.mapping.entity(type);
  const { key, discriminator } = mapping;
  return {
    mapping,
    key,
    type: discriminator === undefined ? [] : [discriminator.column],
    columns: valueColumns(mapping),
  };
}

function kindOf({ columns }: Located["mapping"], column: string) {
  return [...columns.values()].find((candidate) => candidate.column === column)!.kind;
}

function checkSetSize(count: number, { behaviour }: ServiceContext): void {
  const most = behaviour.maxSetMembers ?? DEFAULT_MAX_SET_MEMBERS;
  if (count <= most) return;
  throw badRequest(
    `The collection has ${count} members, and one request changes at most ${most}; narrow it with '/$filter(...)'.`,
    { target: "$each" },
  );
}

/**
 * The key of an entity as names and JSON texts.
 *
 * @param entity its key as the columns have it
 */
export function keyMembers(
  { type, key, mapping }: Pick<Located, "type" | "mapping"> & { readonly key: readonly unknown[] },
  { ieee754 }: JsonFormat,
): (readonly [name: string, json: string])[] {
  return type.key.map((property, part) => {
    const json = toJson(key[part], mapping.columns.get(property.name)!.kind);
    return [property.name, ieee754 && isLong(property.type) ? JSON.stringify(json) : json];
  });
}

/** Reads members of a collection back, within the transaction that changes them. */
export class MemberReader {
  readonly #resource: ResourceRequest;
  readonly #read: (resource: ResourceRequest) => Reading;

  constructor(
    resource: ResourceRequest,
    request: ODataRequest,
    format: JsonFormat,
    terms: Terms,
    context: ServiceContext,
    transaction: Transaction,
  ) {
    this.#resource = resource;
    this.#read = (read) => readingBack(read, request, format, terms, context, transaction);
  }

  /** The collection itself, for its context URL. */
  collection(): Reading {
    const { path } = this.#resource;
    return this.#read({ ...this.#resource, path: { ...path, tail: { kind: "entity" } } });
  }

  /** A member as an item of a collection; `undefined` where it is not in it any more, or not wanted. */
  async text(member: Located): Promise<string | undefined> {
    const reading = this.#read(this.#resourceOf(member));
    const text = await entityText(reading);
    return text === undefined ? undefined : entityContent(text, reading);
  }

  /** A member that could not be changed, as it is, with what went wrong. */
  async failed(member: Located, annotation: string): Promise<string> {
    const text = (await this.text(member)) ?? "{}";
    return text === "{}" ? `{${annotation}}` : `{${annotation},${text.slice(1)}`;
  }

  /** By its key, without the conditions that picked it: it may not fulfil them any more. `$filter` says which ones are wanted. */
  #resourceOf(member: Located): ResourceRequest {
    const { path, route, options, values } = this.#resource;
    const picked = path.segments.filter(({ kind }) => kind !== "filter");
    const { filter: condition, variable } = options;
    const wanted: EntitySegment[] = condition === undefined ? [] : [{ kind: "filter", variable, condition }];
    const segments: EntitySegment[] = [...picked, ...wanted, keySegment(path.type, keyScalars(member))];
    return {
      // Members are read one by one, by other statements than those of the collection.
      route: route.branch("member", () => route.request),
      path: { ...path, segments, collection: false, tail: { kind: "entity" } },
      options: { ...options, filter: undefined },
      values: SlotInput.of(segments, values),
    };
  }
}
