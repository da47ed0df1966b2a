/** The URL names no store that can be opened; the message says what would be right. */
export class DatabaseUrlError extends Error {
  override readonly name = "DatabaseUrlError";
}
