import { didYouMean } from "../errors/index.js";
import { ApplyParser } from "./apply-parser.js";
import type { ExpandItem, QueryOptions, SelectItem } from "./ast.js";
import { clip, identifierCharacter, isDigit } from "./characters.js";
import {
  COUNT_OPTIONS,
  EXPAND_OPTIONS,
  REF_OPTIONS,
  SELECT_OPTIONS,
  STAR_OPTIONS,
  optionName,
} from "./option-names.js";
import type { OptionName, OptionsBuilder } from "./option-names.js";

/** Options whose value is a token to be handed on and not to be read. */
type OpaqueOption = "format" | "id" | "skiptoken" | "deltatoken" | "schemaversion";

/** Reads the values of query options (grammar, section 2), also where they stand in parentheses. */
export class OptionsParser extends ApplyParser {
  /** The value of an option, and nothing after it but white space. */
  wholeOption(name: OptionName, into: OptionsBuilder): void {
    if (this.done) throw this.fail("a value");
    this.#option(name, into, false);
    this.expectExpressionEnd(name === "filter" || name === "orderby" ? "an operator or the end" : "the end");
  }

  #option(name: OptionName, into: OptionsBuilder, nested: boolean): void {
    switch (name) {
      case "filter":
        into.filter = this.commonExpr();
        break;
      case "search":
        into.search = this.searchOption(nested);
        break;
      case "orderby":
        into.orderby = this.items(() => this.orderbyItem());
        break;
      case "select":
        into.select = this.items(() => this.#selectItem());
        break;
      case "expand":
        into.expand = this.items(() => this.#expandItem());
        break;
      case "compute":
        into.compute = this.items(() => this.computeItem());
        break;
      case "top":
      case "skip":
        into[name] = this.wholeNumber("a whole number, 0 or more");
        break;
      case "index":
        into.index = this.#index();
        break;
      case "count":
        into.count = this.#count();
        break;
      case "levels":
        into.levels = this.#levels();
        break;
      case "apply":
        into.apply = this.applyOption(nested);
        break;
      default:
        into[name] = this.#opaque(name);
    }
  }

  /**
   * `selectItem = STAR / allOperationsInSchema / selectProperty / ...`: names parted by slashes, then nested options, or
   * the names of the parameters of a function.
   */
  #selectItem(): SelectItem {
    const start = this.position;
    const path: string[] = [];
    do path.push(this.#pathName());
    while (!path.at(-1)?.endsWith("*") && this.skip("/"));
    if (!this.at("(") || path.at(-1)?.endsWith("*")) {
      return { kind: "SelectItem", path, options: undefined, place: this.place(start) };
    }
    if (this.#optionFollows()) {
      const options = this.#nestedOptions(SELECT_OPTIONS, path);
      return { kind: "SelectItem", path, options, place: this.place(start) };
    }
    // optionallyQualifiedFunctionName = [ namespace "." ] function [ OPEN parameterNames CLOSE ]
    const parameters = this.parenthesised(() =>
      this.items(() => this.expectIdentifier("a nested option, such as $select, or the name of a parameter")),
    );
    return { kind: "SelectItem", path, parameters, options: undefined, place: this.place(start) };
  }

  /** A name in a path of `$select` or `$expand`: `STAR`, `allOperationsInSchema`, a qualified name or an annotation. */
  #pathName(): string {
    if (this.skip("*")) return "*";
    if (this.at("@")) return this.annotationName();
    const name = this.qualifiedName();
    if (name === "") throw this.fail("a name or '*'");
    return this.skip(".*") ? `${name}.*` : name;
  }

  /** True where what follows the parenthesis is an option and not the name of a parameter. */
  #optionFollows(): boolean {
    let at = this.afterBlanks(this.position + 1);
    if (this.text[at] === "$" || this.text[at] === "@") return true;
    for (let step = identifierCharacter(this.text, at); step > 0; step = identifierCharacter(this.text, at)) at += step;
    return this.text[at] === "=";
  }

  /** `expandItem = "$value" / expandPath / optionallyQualifiedEntityTypeName "/" expandPath` */
  #expandItem(): ExpandItem {
    const start = this.position;
    const path: string[] = [];
    let suffix: ExpandItem["suffix"];
    do {
      suffix = this.#expandSuffix(path.length === 0);
      if (suffix === undefined) path.push(this.#expandName());
    } while (suffix === undefined && this.skip("/"));
    if (path.at(-1) === "*" && suffix !== undefined && suffix !== "$ref")
      throw this.fail("nothing but '/$ref' after '*'");
    const allowed = this.#expandOptions(path, suffix);
    const options = this.at("(") && allowed !== undefined ? this.#nestedOptions(allowed, path) : undefined;
    return { kind: "ExpandItem", path, suffix, options, place: this.place(start) };
  }

  /** `ref`, `count` or `value` */
  #expandSuffix(first: boolean): ExpandItem["suffix"] {
    if (!this.at("$")) return undefined;
    const start = this.position++;
    const name = `$${this.identifier()}`;
    if (name === "$value" || (!first && (name === "$ref" || name === "$count"))) return name;
    throw this.fail(first ? "a navigation property, '*' or $value" : "a name, $ref or $count", start);
  }

  #expandName(): string {
    const start = this.position;
    const name = this.#pathName();
    if (name.endsWith(".*")) throw this.fail("a navigation property", start);
    if (name === "*" && this.at("/") && !this.at("/$")) throw this.fail("nothing but '/$ref' after '*'");
    return name;
  }

  #expandOptions(path: readonly string[], suffix: ExpandItem["suffix"]): ReadonlySet<OptionName> | undefined {
    if (suffix === "$value") return undefined;
    if (suffix === "$count") return COUNT_OPTIONS;
    if (path.at(-1) === "*") return suffix === undefined ? STAR_OPTIONS : undefined;
    return suffix === "$ref" ? REF_OPTIONS : EXPAND_OPTIONS;
  }

  /** `count [ OPEN expandCountOption *( SEMI expandCountOption ) CLOSE ]`, from the parenthesis on. */
  protected countOptions(): QueryOptions {
    return this.#nestedOptions(COUNT_OPTIONS, ["$count"]);
  }

  /** `OPEN option *( SEMI option ) CLOSE` */
  #nestedOptions(allowed: ReadonlySet<OptionName>, path: readonly string[]): QueryOptions {
    return this.parenthesised(() => {
      const into: OptionsBuilder = { aliases: new Map(), custom: new Map() };
      let count = 0;
      do {
        this.budget.options(++count);
        this.bws();
        this.#nestedOption(allowed, path, into);
        this.bws();
      } while (this.skip(";"));
      return into;
    });
  }

  #nestedOption(allowed: ReadonlySet<OptionName>, path: readonly string[], into: OptionsBuilder): void {
    const start = this.position;
    if (this.skip("@")) {
      // aliasAndValue = parameterAlias EQ parameterValue
      const alias = `@${this.expectIdentifier("the name of a parameter alias")}`;
      if (into.aliases.has(alias)) throw this.failWith(`the parameter alias '${clip(alias)}' is there twice.`, start);
      this.expect("=");
      into.aliases.set(alias, this.commonExpr());
      return;
    }
    this.skip("$");
    const written = this.identifier();
    const name = optionName(written);
    const right = [...allowed].map((option) => `$${option}`);
    if (written === "") throw this.fail(`an option, which may be ${right.join(", ")}`, start);
    if (name === undefined || !allowed.has(name)) {
      const owner = clip(path.join("/"));
      const hint = name === undefined ? didYouMean(`$${written}`, right) : "";
      throw this.failWith(
        `'${clip(written)}' is no option for '${owner}'; there may be ${right.join(", ")}.${hint}`,
        start,
      );
    }
    if (into[name] !== undefined) throw this.failWith(`$${name} is there twice.`, start);
    this.expect("=");
    this.#option(name, into, true);
  }

  /** `index = ( "$index" / "index" ) EQ [ "-" ] 1*DIGIT` */
  #index(): number {
    const negative = this.skip("-");
    const value = this.wholeNumber("a whole number");
    return negative && value !== 0 ? -value : value;
  }

  /** `inlinecount = ( "$count" / "count" ) EQ boolean` */
  #count(): boolean {
    const start = this.position;
    const value = this.identifier().toLowerCase();
    if (value !== "true" && value !== "false") throw this.fail("true or false", start);
    return value === "true";
  }

  /** `levels = ( "$levels" / "levels" ) EQ ( oneToNine *DIGIT / "max" )` */
  #levels(): number | "max" {
    const start = this.position;
    const expectation = "a whole number, 1 or more, or 'max'";
    if (this.at("0")) throw this.fail(expectation);
    if (isDigit(this.unit())) return this.wholeNumber(expectation);
    if (this.identifier().toLowerCase() !== "max") throw this.fail(expectation, start);
    return "max";
  }

  /** The rest of the text as it is; `schemaversion = ... EQ ( STAR / 1*unreserved )` */
  #opaque(name: OpaqueOption): string {
    const start = this.position;
    this.position = this.text.length;
    const value = this.text.slice(start);
    if (name === "schemaversion" && value !== "*" && !/^[\w.~-]+$/.test(value)) {
      throw this.fail("'*' or a version of letters, digits, '-', '.', '_' and '~'", start);
    }
    return value;
  }
}
