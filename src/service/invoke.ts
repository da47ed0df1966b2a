import "reflect-metadata";
import { STATUS_CODES } from "node:http";
import { getFunctionParameters } from "odata-v4-server/build/lib/utils.js";
import { ODataError } from "../errors/index.js";
import type { Given } from "./invoke-result.js";
import { ObjectSink, settle } from "./invoke-result.js";

/** A class with decorated methods: a controller, an entity type or a service. */
export type MethodOwner = abstract new (...args: never[]) => object;

/** What a parameter of a method is given, as its decorator says. */
export type Taken =
  | { readonly kind: "key" | "link"; readonly name: string }
  /** A parameter of a function or an action. */
  | { readonly kind: "argument"; readonly name: string }
  | { readonly kind: (typeof SINGLE)[keyof typeof SINGLE] };

/** A method of a class, and what its parameters are given. */
export interface Method {
  readonly name: string;
  /** By the position of the parameter; a parameter without a decorator is given nothing. */
  readonly takes: readonly (Taken | undefined)[];
}

/** Where the decorators of parameters that a method has once keep what they were told. */
const SINGLE = {
  "odata:queryparameter": "query",
  "odata:filterparameter": "filter",
  "odata:bodyparameter": "body",
  "odata:contextparameter": "context",
  "odata:streamparameter": "stream",
  "odata:resultparameter": "result",
  "odata:idparameter": "id",
  "odata:typeparameter": "type",
  "odatum:sessionparameter": "session",
} as const;

const SEVERAL = { "odata:keyparameters": "key", "odata:linkparameters": "link" } as const;

/**
 * Reads what the parameters of a method are given. `odata-v4-server` keeps the names of parameters, and a class that
 * overrides a method may call them otherwise: what a base class has decorated counts by its position.
 *
 * @param parameters the parameters of a function or an action by their names in the method
 * @example readMethod(Products, "findOne") // { name: "findOne", takes: [{ kind: "key", name: "key" }] }
 */
export function readMethod(
  owner: MethodOwner,
  name: string,
  parameters: readonly { readonly name: string; readonly parameter: string | undefined }[] = [],
): Method {
  const takes: (Taken | undefined)[] = [];
  const put = (names: readonly string[], parameter: string, taken: Taken) => {
    const position = names.indexOf(parameter);
    if (position >= 0) takes[position] = taken;
  };
  const own = parameterNames(owner.prototype as object, name);
  for (const { name: written, parameter } of parameters)
    if (parameter !== undefined) put(own, written, { kind: "argument", name: parameter });
  for (const [key, kind] of Object.entries(SINGLE)) {
    const found = declared(owner, name, key);
    if (found !== undefined) put(found.names, found.value as string, { kind });
  }
  for (const [key, kind] of Object.entries(SEVERAL)) {
    const found = declared(owner, name, key);
    for (const { from, to } of (found?.value ?? []) as readonly { readonly from: string; readonly to: string }[])
      put(found!.names, to, { kind, name: from });
  }
  // A method that overrides one with more parameters does not get those, and a query that nobody gets is not taken apart.
  const count = own.some((parameter) => parameter.startsWith("...")) ? Infinity : own.filter(Boolean).length;
  const isMade = (taken: Taken | undefined) => taken?.kind === "query" || taken?.kind === "filter";
  return { name, takes: takes.map((taken, position) => (position >= count && isMade(taken) ? undefined : taken)) };
}

/** What a decorator has said of a method, at the nearest class that says it, and how that class calls the parameters. */
function declared(
  owner: MethodOwner,
  name: string,
  key: string,
): { readonly value: unknown; readonly names: readonly string[] } | undefined {
  for (const level of prototypes(owner)) {
    const value: unknown = Reflect.getOwnMetadata(key, level, name);
    if (value !== undefined) return { value, names: parameterNames(level, name) };
  }
  return undefined;
}

/** The prototype of a class and those of its base classes, up to where JavaScript's own begin. */
export function* prototypes(owner: MethodOwner): Iterable<object> {
  let level = owner.prototype as object | null;
  for (; level !== null && level !== Object.prototype; level = Object.getPrototypeOf(level) as object | null)
    yield level;
}

function parameterNames(level: object, name: string): string[] {
  const method: unknown = (level as Record<string, unknown>)[name];
  return typeof method === "function" ? (getFunctionParameters(method) as string[]) : [];
}

/** Whether a method is given something of a kind. */
export function takes({ takes: taken }: Method, kind: Taken["kind"]): boolean {
  return taken.some((parameter) => parameter?.kind === kind);
}

/** The names that a method gives its keys or links, in the order of its parameters. */
export function namesOf({ takes: taken }: Method, kind: "key" | "link" | "argument"): string[] {
  return taken.flatMap((parameter) => (parameter?.kind === kind ? parameter.name : []));
}

/** What there is for the parameters of a method; what none of them takes is not made. */
export interface Inputs {
  readonly keys?: ReadonlyMap<string, unknown> | undefined;
  readonly links?: ReadonlyMap<string, unknown> | undefined;
  readonly arguments?: ReadonlyMap<string, unknown> | undefined;
  body?(): unknown;
  query?(): Promise<unknown>;
  filter?(): Promise<unknown>;
  context?(): unknown;
  stream?(): unknown;
  result?(): unknown;
  id?(): unknown;
  type?(): unknown;
  session?(): unknown;
}

/**
 * Calls a method with what its decorators say, and waits for what it gives.
 *
 * @param target `this` of the method
 * @param isEntity tells objects of the model's classes, which may be iterable or streams, from what holds them
 */
export async function invoke(
  target: object,
  method: Method,
  inputs: Inputs,
  isEntity: (value: object) => boolean,
): Promise<Given> {
  const sink = takes(method, "stream") ? new ObjectSink() : undefined;
  const own = sink === undefined ? inputs : { ...inputs, stream: () => sink };
  const values: unknown[] = [];
  for (const taken of method.takes) values.push(taken === undefined ? undefined : await inputFor(taken, own));
  const body = (target as Record<string, (...values: readonly unknown[]) => unknown>)[method.name]!;
  try {
    return await settle(body.apply(target, values), sink, isEntity);
  } catch (error) {
    throw asODataError(error);
  }
}

/** Errors of `odata-v4-server` and of Express say a status: they are meant for the client. */
function asODataError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ODataError) return error;
  const { statusCode, status = statusCode } = error as { readonly statusCode?: unknown; readonly status?: unknown };
  if (typeof status !== "number" || !Number.isInteger(status) || status < 400 || status > 599) return error;
  const phrase = (STATUS_CODES[status] ?? error.name).replace(/[^A-Za-z]/g, "");
  const code = CODES[status] ?? phrase;
  // What is wrong inside a service is nothing that a client is told.
  if (status === 500) return error;
  return new ODataError(status, code, error.message === "" ? phrase : error.message, { cause: error });
}

const CODES: Readonly<Record<number, string>> = { 400: "BadRequest", 404: "ResourceNotFound" };

function inputFor(taken: Taken, inputs: Inputs): unknown {
  switch (taken.kind) {
    case "key":
      return singleOr(inputs.keys, taken.name);
    case "link":
      return singleOr(inputs.links, taken.name);
    case "argument":
      return inputs.arguments?.get(taken.name);
    default:
      return inputs[taken.kind]?.();
  }
}

/** What a single key is called does not matter; a key of several properties goes as an object to whoever takes one. */
function singleOr(values: ReadonlyMap<string, unknown> | undefined, name: string): unknown {
  if (values === undefined || values.has(name)) return values?.get(name);
  return values.size === 1 ? values.values().next().value : Object.fromEntries(values);
}
