import { readFileSync } from "node:fs";

/** A request as a page shows it, with the answer that the page promises. */
export interface Example {
  readonly method: string;
  /** Relative to the service root, not percent-encoded. */
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body: string;
  readonly status: number;
  /** Those that the page shows; there may be others. */
  readonly answerHeaders: readonly Header[];
  readonly answer: string;
}

export type Header = readonly [name: string, value: string];

/** What belongs together: each request finds what those before it have left. */
export interface ExampleBlock {
  /** The line of the page at which it begins. */
  readonly line: number;
  readonly examples: readonly Example[];
}

const FENCE = /^```http\n([^]*?)^```$/gm;
const REQUEST = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/(.*)$/;
const STATUS = /^HTTP\/1\.1 (\d{3})(?: [\w ]+)?$/;
const HEADER = /^([\w-]+): (.+)$/;

/**
 * Reads the requests that a page shows: blocks marked `http`, each with one exchange or several with an empty line between
 * them. An exchange is a request line without a version, headers, a body behind an empty line; then the status line, and what
 * else of the answer the page shows, in the same form.
 *
 * @throws {Error} for a block that has another form, so that nothing is passed over
 */
export function readExamples(page: string): ExampleBlock[] {
  const text = readFileSync(page, "utf8");
  return [...text.matchAll(FENCE)].map(({ 1: content = "", index }) => {
    const line = text.slice(0, index).split("\n").length;
    return { line, examples: new BlockReader(content.trimEnd().split("\n"), `${page}:${line}`).examples() };
  });
}

class BlockReader {
  readonly #lines: readonly string[];
  readonly #where: string;
  #at = 0;

  constructor(lines: readonly string[], where: string) {
    this.#lines = lines;
    this.#where = where;
  }

  examples(): Example[] {
    const examples: Example[] = [];
    while (this.#at < this.#lines.length) examples.push(this.#example());
    if (examples.length === 0) throw new Error(`${this.#where} shows no request.`);
    return examples;
  }

  #example(): Example {
    const [, method, url] = REQUEST.exec(this.#next()) ?? this.#fail("begins with a request line");
    const headers = this.#headers();
    const body = this.#until((line) => STATUS.test(line));
    const [, status] = STATUS.exec(this.#next()) ?? this.#fail("has a status line behind each request");
    const answerHeaders = this.#headers();
    const answer = this.#until((line) => REQUEST.test(line));
    return { method: method!, url: url!, headers, body, status: Number(status), answerHeaders, answer };
  }

  #next(): string {
    return this.#lines[this.#at++] ?? "";
  }

  #headers(): Header[] {
    const headers: Header[] = [];
    for (;;) {
      const found = HEADER.exec(this.#lines[this.#at] ?? "");
      if (found === null) return headers;
      headers.push([found[1]!.toLowerCase(), found[2]!]);
      this.#at++;
    }
  }

  #until(isEnd: (line: string) => boolean): string {
    const lines: string[] = [];
    while (this.#at < this.#lines.length && !isEnd(this.#lines[this.#at]!)) lines.push(this.#next());
    return lines.join("\n").trim();
  }

  #fail(why: string): never {
    throw new Error(`${this.#where}: a block of requests ${why}, and not '${this.#lines[this.#at - 1]}'.`);
  }
}

/**
 * What of a promised answer is not there: objects may have more members than the page shows, arrays have as many items, and
 * `...` within a text stands for anything.
 *
 * @returns `undefined` where all of it is there, else the place of what is not
 */
export function missingFrom(answer: unknown, promised: unknown, path = "$"): string | undefined {
  if (typeof promised === "string")
    return typeof answer === "string" && isLike(answer, promised) ? undefined : wrong(path, answer);
  if (typeof promised !== "object" || promised === null) return answer === promised ? undefined : wrong(path, answer);
  if (typeof answer !== "object" || answer === null) return wrong(path, answer);
  if (Array.isArray(promised) && (!Array.isArray(answer) || answer.length !== promised.length))
    return wrong(path, answer);
  for (const [name, value] of Object.entries(promised)) {
    const missing = missingFrom((answer as Readonly<Record<string, unknown>>)[name], value, `${path}.${name}`);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** Whether a text is another one in which `...` stands for anything. */
export function isLike(text: string, pattern: string): boolean {
  const [first = "", ...others] = pattern.split("...");
  if (others.length === 0) return text === pattern;
  if (!text.startsWith(first)) return false;
  const last = others.pop()!;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function wrong(path: string, answer: unknown): string {
  return `${path} is ${JSON.stringify(answer)}`;
}
