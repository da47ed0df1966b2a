import { badRequest, type ODataErrorDetail } from "../errors/index.js";

/** A form with fifty wrong fields helps nobody, and the answer must stay short whatever a client sends. */
const MOST_PROBLEMS = 10;

/** A name in a body may be as long as the body; its end helps nobody. */
const LONGEST_TARGET = 500;

/** What is wrong with one request body, gathered, so that a client can mend all of it at once. */
export class Problems {
  readonly #found: ODataErrorDetail[] = [];

  /**
   * @param message whole sentences
   * @param target JSON path of what is wrong, as `addresses[2].city`
   */
  add(message: string, target: string): void {
    if (!this.full) this.#found.push({ code: "BadRequest", message, target: target.slice(0, LONGEST_TARGET) });
  }

  /** True where nothing more is noted, so that a reader may stop: a message costs far more than a member that is right. */
  get full(): boolean {
    return this.#found.length >= MOST_PROBLEMS;
  }

  /** @throws ODataError 400 where there are any: the first is the error itself, the others are its details. */
  throwIfAny(): void {
    const [first, ...others] = this.#found;
    if (first === undefined) return;
    throw badRequest(first.message, { target: first.target ?? "", details: others });
  }
}
