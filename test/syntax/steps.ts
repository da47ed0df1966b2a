/** Methods of strings whose work grows with what they look at, and how much that is. */
const STRING_METHODS = {
  charCodeAt: () => 1,
  charAt: () => 1,
  codePointAt: () => 1,
  at: () => 1,
  startsWith: (_: string, [what]: unknown[]) => String(what).length,
  endsWith: (_: string, [what]: unknown[]) => String(what).length,
  includes: (text: string) => text.length,
  indexOf: (text: string, [, from = 0]: unknown[], result: unknown) =>
    ((result as number) < 0 ? text.length : (result as number)) - (from as number) + 1,
  slice: (_: string, __: unknown[], result: unknown) => (result as string).length,
  replace: (text: string) => text.length,
  replaceAll: (text: string) => text.length,
  split: (text: string) => text.length,
  toLowerCase: (text: string) => text.length,
  toUpperCase: (text: string) => text.length,
  trim: (text: string) => text.length,
} as const;

/**
 * How many characters are looked at while something runs, by the methods of strings and regular expressions: a measure of
 * work that is the same on every machine.
 */
export function steps(run: () => unknown): number {
  let count = 0;
  const undo: (() => void)[] = [];
  const watch = (of: object, name: string, work: (self: unknown, list: unknown[], result: unknown) => number): void => {
    const descriptor = Object.getOwnPropertyDescriptor(of, name)!;
    const original = descriptor.value as (...list: unknown[]) => unknown;
    const watched = function (this: unknown, ...list: unknown[]): unknown {
      const result = Reflect.apply(original, this, list);
      count += work(this, list, result);
      return result;
    };
    Object.defineProperty(of, name, { ...descriptor, value: watched });
    undo.push(() => void Object.defineProperty(of, name, descriptor));
  };
  for (const [name, work] of Object.entries(STRING_METHODS)) {
    watch(String.prototype, name, (self, list, result) => work(self as string, list, result));
  }
  // A pattern that has to match at a place looks at what it matches; any other may look at the whole text.
  watch(RegExp.prototype, "exec", (self, [text], result) => {
    const match = result as RegExpExecArray | null;
    return match !== null && (self as RegExp).sticky ? match[0].length + 1 : String(text).length;
  });
  watch(globalThis, "decodeURIComponent", (_, [text]) => String(text).length);
  try {
    run();
  } finally {
    for (const restore of undo) restore();
  }
  return count;
}
