/**
 * The little of a logger that `src/http` needs; a pino logger is one, and so is a test's list of lines.
 *
 * What a client wrote reaches a logger only cleaned and cut (see {@link loggablePath}); tokens, queries and bodies never do.
 *
 * @example
 * createServer({ host: "127.0.0.1", port: 8080, services, logger: pino() });
 */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Longer paths are cut in the log. */
const LONGEST_PATH = 200;
/** Whatever is not printable ASCII: it could forge a line of a text log or steer a terminal. */
const UNPRINTABLE = /[^\x21-\x7e]/g;

/**
 * The path of a URL as it may stand in a log: without query (it may hold personal data) and fragment, printable ASCII
 * only, at most 200 characters.
 *
 * @example loggablePath("/beta/things?$filter=name eq 'x'") // "/beta/things"
 */
export function loggablePath(url: string): string {
  let end = url.search(/[?#]/);
  if (end === -1) end = url.length;
  const cut = url.slice(0, Math.min(end, LONGEST_PATH)).replace(UNPRINTABLE, "?");
  return end > LONGEST_PATH ? `${cut}...` : cut;
}
