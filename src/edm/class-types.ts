import type { DecoratedClass } from "./class-annotations.js";

export function isDecoratedClass(value: unknown): value is DecoratedClass {
  return typeof value === "function" && typeof value.prototype === "object";
}

/** What an `Edm.ForwardRef` leads to; any other value as it is. */
export function resolveForward(value: unknown): unknown {
  const isForward = typeof value === "function" && (value as { __forward__ref__?: unknown }).__forward__ref__ === true;
  return isForward ? (value as () => unknown)() : value;
}
