import { expect } from "chai";
import yaml from "js-yaml";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ODataError } from "../../src/errors/index.js";
import { percentDecode } from "../../src/syntax/index.js";

/** A test case that OASIS publishes with a grammar. */
export interface Case {
  readonly Name: string;
  readonly Rule: string;
  readonly Input: string;
  /** Where the input begins to be wrong, from 0; absent where it is right. */
  readonly FailAt?: string;
}

/** Runs an input through the public function that stands for its rule; throws where the input is refused. */
export type Reader = (input: string) => void;

/** A case that the parser does not answer as the grammar asks, and why: `[rule, input, why]`. */
export type Exception = readonly [rule: string, input: string, why: string];

/** Where our error stands elsewhere than the case asks, and why: `[rule, input, place, why]`; no place: none is told. */
export type Placed = readonly [rule: string, input: string, at: number | undefined, why: string];

/** The test cases of a file, where a copy lies beside the repository; undefined where there is none. */
export function readCases(file: string): readonly Case[] | undefined {
  const path = resolve(import.meta.dirname, "../../../shared/spec", file);
  if (!existsSync(path)) return undefined;
  // The failsafe schema leaves every value the text that it is written as.
  return (yaml.load(readFileSync(path, "utf8"), { schema: yaml.FAILSAFE_SCHEMA }) as { TestCases: Case[] }).TestCases;
}

/** What came of running cases. */
export interface Summary {
  /** Cases of rules that have a reader. */
  readonly mapped: number;
  /** Cases of rules without one, by rule. */
  readonly unmapped: ReadonlyMap<string, number>;
  /** Answered as the grammar asks: taken, or refused. */
  readonly passed: number;
  /** Refused where the grammar takes, or taken where it refuses: `rule input`, with what happened. */
  readonly wrong: ReadonlyMap<string, string>;
  /** Refused as the grammar asks, and at the place that it says. */
  readonly placed: number;
  /** Refused as the grammar asks, but elsewhere: `rule input`, with our place. */
  readonly displaced: ReadonlyMap<string, number | undefined>;
}

/** Runs all cases whose rule has a reader. */
export function run(cases: readonly Case[], readers: Readonly<Record<string, Reader>>): Summary {
  const unmapped = new Map<string, number>();
  const wrong = new Map<string, string>();
  const displaced = new Map<string, number | undefined>();
  let [mapped, passed, placed] = [0, 0, 0];
  for (const { Rule, Input, FailAt } of cases) {
    const read = readers[Rule];
    if (read === undefined) {
      unmapped.set(Rule, (unmapped.get(Rule) ?? 0) + 1);
      continue;
    }
    mapped++;
    const error = refusal(() => read(Input));
    const key = `${Rule} ${Input}`;
    if ((error === undefined) !== (FailAt === undefined)) {
      wrong.set(key, error?.message ?? "was taken");
      continue;
    }
    passed++;
    if (error === undefined) continue;
    const at = place(Input, error);
    if (at === Number(FailAt)) placed++;
    else displaced.set(key, at);
  }
  return { mapped, unmapped, passed, wrong, placed, displaced };
}

/** What is known of a grammar's test cases. */
export interface Suite {
  readonly file: string;
  readonly readers: Readonly<Record<string, Reader>>;
  /** Rules that a service has nothing to read by, and why. */
  readonly notRead: Readonly<Record<string, string>>;
  readonly exceptions: readonly Exception[];
  readonly placed: readonly Placed[];
}

/** Tests that every case is answered as it asks, or is known not to be and why; the counts are in the tests' names. */
export function describeCases(title: string, { file, readers, notRead, exceptions, placed }: Suite): void {
  describe(title, () => {
    const cases = readCases(file);
    if (cases === undefined) {
      it(`skipped: ${file} is not at hand`, function () {
        this.skip();
      });
      return;
    }
    const found = run(cases, readers);
    const unmapped = [...found.unmapped.values()].reduce((sum, count) => sum + count, 0);
    const refused = found.placed + found.displaced.size;
    const key = ([rule, input]: readonly unknown[]) => `${String(rule)} ${String(input)}`;

    const others = [...found.unmapped].map(([rule, count]) => `; the ${count} of ${rule}: ${notRead[rule]}`);
    it(`reads ${found.mapped} of ${cases.length}${others.join("")}`, () => {
      expect(found.mapped + unmapped).to.equal(cases.length);
      expect([...found.unmapped.keys()].sort()).to.deep.equal(Object.keys(notRead).sort());
    });
    it(`answers ${found.passed} as the grammar asks, and ${found.wrong.size} differently for a reason`, () => {
      expect(found.passed + found.wrong.size).to.equal(found.mapped);
      const unknown = new Map([...found.wrong].filter(([one]) => !exceptions.some((each) => key(each) === one)));
      expect([...unknown].join("\n")).to.equal("");
      expect(exceptions.map(key).filter((one) => !found.wrong.has(one))).to.deep.equal([]);
    });
    it(`refuses ${refused}, ${found.placed} of them at the very character, and ${found.displaced.size} elsewhere for a reason`, () => {
      const ours = [...found.displaced].map(([one, at]) => `${one} @ ${at ?? "nowhere"}`);
      const known = placed.map((each) => `${key(each)} @ ${each[2] ?? "nowhere"}`);
      expect(ours.sort()).to.deep.equal(known.sort());
    });
  });
}

/** An error that says itself where in the input it is. */
export class PlacedError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

function refusal(read: () => void): Error | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Where in the input an error is, from 0; errors count in the decoded text of the part that they name. */
function place(input: string, error: Error): number | undefined {
  if (error instanceof PlacedError) return error.at;
  if (!(error instanceof ODataError)) return undefined;
  const fragment = /^A request URL has no fragment: the '#' at character (\d+) of its (path|query)/.exec(error.message);
  if (fragment !== null) return Number(fragment[1]) - 1 + (fragment[2] === "path" ? 0 : input.indexOf("?") + 1);
  const match = /^Syntax error in (.+) at character (\d+): /.exec(error.message);
  if (match === null) return undefined;
  const [, label = "", character] = match;
  const at = Number(character) - 1;
  if (label === "the path") return afterServiceRoot(input) + at;
  const segment = /^the path segment '(.*)'$/.exec(label)?.[1];
  const [start, part] =
    segment !== undefined ? findSegment(input, segment) : label.startsWith("$") ? findOption(input, label) : [0, input];
  return start + encodedLength(part, at);
}

/** How long the beginning of a percent-encoded text is that makes so many characters. */
function encodedLength(encoded: string, length: number): number {
  for (let at = 0; at <= encoded.length; at++) {
    try {
      if (percentDecode(encoded.slice(0, at), "the beginning").length === length) return at;
    } catch {
      // The cut goes through an encoded character.
    }
  }
  throw new Error("this is further than the text goes");
}

function findSegment(input: string, decoded: string): [start: number, part: string] {
  let start = 0;
  for (const part of input.split(/[/?]/)) {
    if (percentDecode(part, "the segment") === decoded) return [start, part];
    start += part.length + 1;
  }
  throw new Error(`there is no segment ${decoded}`);
}

function findOption(input: string, label: string): [start: number, part: string] {
  let start = input.indexOf("?") + 1;
  for (const option of input.slice(start).split("&")) {
    const [name = "", value] = option.split("=", 1).concat(option.slice(option.indexOf("=") + 1));
    const plain = percentDecode(name, "the name").toLowerCase();
    if (plain === label || `$${plain}` === label) return [start + name.length + 1, value ?? ""];
    start += option.length + 1;
  }
  // The rule is about the option's value alone.
  return [0, input];
}

/** Where the path relative to the service root begins in a URL that may be absolute; two of the cases' roots have a path. */
export function afterServiceRoot(url: string): number {
  return /^https?:\/\/[^/]+(?:\/(?:service|Model\.Container)(?=\/))?/i.exec(url)?.[0].length ?? 0;
}
