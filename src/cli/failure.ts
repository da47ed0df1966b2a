/** What went wrong, in one line for whoever typed the command. */
export class Failure extends Error {
  override readonly name = "Failure";

  /** @param text line breaks in it, as they come from drivers, become spaces */
  constructor(text: string, options?: ErrorOptions) {
    super(oneLine(text), options);
  }
}

/** A text without line breaks. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}

/** The code of a system's or driver's error: `EADDRINUSE`, `SQLITE_NOTADB`. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
