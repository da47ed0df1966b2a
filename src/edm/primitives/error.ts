/**
 * A value that its type does not take. The message goes on after "The value of 'x' is wrong: "; it says what is
 * wrong and what would be right, has no full stop, and holds no more than the first characters of what was written.
 *
 * The model imports nothing of the engine, so this is no `ODataError`: whoever reads a payload or a URL turns it into
 * one and adds the place.
 *
 * @example throw new PrimitiveValueError("'4' is not a valid Edm.Boolean; a Boolean is true or false")
 */
export class PrimitiveValueError extends Error {
  override readonly name = "PrimitiveValueError";
  /** For a name out of a closed list: what was written and what would have been right, for "Did you mean ...?". */
  readonly choice: { readonly written: string; readonly known: Iterable<string> } | undefined;

  constructor(message: string, choice?: { readonly written: string; readonly known: Iterable<string> }) {
    super(message);
    this.choice = choice;
  }
}

/** What was written, in quotes and cut short, for a message. */
export function quoted(text: string): string {
  return text.length > 60 ? `'${text.slice(0, 57)}...'` : `'${text}'`;
}

/**
 * The usual sentence for text that has not the form of its type.
 *
 * @example invalid("x", "Edm.Guid", "a GUID looks like ...") // "'x' is not a valid Edm.Guid; a GUID looks like ..."
 */
export function invalid(text: string, typeName: string, right: string): PrimitiveValueError {
  return new PrimitiveValueError(`${quoted(text)} is not a valid ${typeName}; ${right}`);
}
