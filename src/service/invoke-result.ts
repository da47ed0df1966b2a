import { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { ODataResult, ODataStream } from "odata-v4-server/build/lib/result.js";

/** What a method has given, once all of it is there. */
export interface Given {
  /**
   * One value, or an array of those that an array, an iterable, an asynchronous iterable or a stream of objects held. A
   * stream of bytes stays one.
   */
  readonly value: unknown;
  /** The status that an `ODataResult` says. */
  readonly status: number | undefined;
  /** How many items there are altogether, where the method says it: `inlinecount` of an array. */
  readonly count: number | undefined;
  readonly contentType: string | undefined;
}

/** What `@odata.stream` gives: a method may write its objects there, or pipe them. */
export class ObjectSink extends Writable {
  readonly items: unknown[] = [];
  count: number | undefined;

  constructor() {
    super({ objectMode: true });
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const count = loneCount(chunk);
    if (count === undefined) this.items.push(chunk);
    else this.count = count;
    done();
  }
}

/** An object that says nothing but how many items there are. */
function loneCount(chunk: unknown): number | undefined {
  if (typeof chunk !== "object" || chunk === null || Object.keys(chunk).length !== 1) return undefined;
  const { inlinecount, "@odata.count": count = inlinecount } = chunk as Readonly<Record<string, unknown>>;
  return typeof count === "number" ? count : undefined;
}

/**
 * Waits for what a method returned: promises, generator functions in the manner of `odata-v4-server` (what they yield is
 * waited for and handed back to them, what they return counts), streams, `ODataResult`.
 *
 * @param sink where the method could write its objects
 * @param isEntity see `invoke`
 */
export async function settle(
  returned: unknown,
  sink: ObjectSink | undefined,
  isEntity: (value: object) => boolean,
): Promise<Given> {
  const value = isGenerator(returned) ? await run(returned) : await returned;
  if (sink !== undefined && (value === undefined || value === sink || isStream(value, isEntity))) {
    if (!sink.writableFinished) await finished(sink);
    return { value: sink.items, status: undefined, count: sink.count, contentType: undefined };
  }
  return isResult(value) ? ofResult(value, isEntity) : plain(value, isEntity);
}

async function ofResult(result: ODataResult, isEntity: (value: object) => boolean): Promise<Given> {
  const { statusCode, contentType } = result;
  const body: unknown = result.body;
  const { value: items, "@odata.count": count } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const isWrapped = typeof body === "object" && body !== null && !isEntity(body) && Array.isArray(items);
  const given = await plain(isWrapped ? items : body, isEntity);
  return {
    ...given,
    status: statusCode,
    count: typeof count === "number" ? count : given.count,
    contentType: contentType === "application/json" ? undefined : contentType,
  };
}

async function plain(value: unknown, isEntity: (value: object) => boolean): Promise<Given> {
  const given = { value, status: undefined, count: undefined, contentType: undefined };
  if (typeof value !== "object" || value === null || isEntity(value)) return given;
  if (Array.isArray(value)) {
    const { inlinecount } = value as { readonly inlinecount?: unknown };
    return { ...given, count: typeof inlinecount === "number" ? inlinecount : undefined };
  }
  if (value instanceof ODataStream) {
    return { ...given, value: value.stream as unknown, contentType: value.contentType };
  }
  if (isStream(value, isEntity) && !isOfObjects(value)) return given;
  if (value instanceof Uint8Array) return given;
  if (Symbol.asyncIterator in value) {
    const items: unknown[] = [];
    for await (const item of value as AsyncIterable<unknown>) items.push(item);
    return { ...given, value: items };
  }
  return Symbol.iterator in value ? { ...given, value: [...(value as Iterable<unknown>)] } : given;
}

function isResult(value: unknown): value is ODataResult {
  if (value instanceof ODataResult) return true;
  // Of another copy of the package.
  const { constructor } = Object(value) as { readonly constructor?: { readonly name?: unknown } };
  return constructor?.name === "ODataResult" && typeof (value as ODataResult).statusCode === "number";
}

function isStream(value: unknown, isEntity: (value: object) => boolean): value is Readable {
  if (typeof value !== "object" || value === null || isEntity(value) || value instanceof ODataStream) return false;
  return typeof (value as { readonly pipe?: unknown }).pipe === "function";
}

function isOfObjects(stream: Readable): boolean {
  return stream.readableObjectMode;
}

function isGenerator(value: unknown): value is Generator {
  return Object.prototype.toString.call(value) === "[object Generator]";
}

/**
 * Runs a generator to its end. One that returns nothing and has yielded values that are no promises is taken for an
 * iterable of these.
 */
async function run(generator: Generator): Promise<unknown> {
  const yielded: unknown[] = [];
  let step = generator.next();
  while (step.done !== true) {
    const asked: unknown = step.value;
    try {
      if (!isAwaited(asked)) yielded.push(asked);
      const answer = await answerOf(asked);
      step = generator.next(answer);
    } catch (error) {
      step = generator.throw(error);
    }
  }
  return step.value === undefined && yielded.length > 0 ? yielded : step.value;
}

function isAwaited(asked: unknown): boolean {
  if (asked === undefined || typeof asked === "function" || asked instanceof Readable) return true;
  return typeof asked === "object" && asked !== null && "then" in asked && typeof asked.then === "function";
}

async function answerOf(asked: unknown): Promise<unknown> {
  if (typeof asked === "function") {
    const made: unknown = (asked as () => unknown)();
    return isGenerator(made) ? run(made) : made;
  }
  if (asked instanceof Readable) {
    await finished(asked);
    return undefined;
  }
  return asked;
}
