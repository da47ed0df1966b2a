/** One entry of `error.details`: a further thing that was wrong, in the shape of OData JSON Format 4.01, section 21. */
export interface ODataErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

/** What an {@link ODataError} may carry besides its status, code and message. */
export interface ODataErrorOptions {
  /** The property path, query option or header that is at fault, as the client wrote it. */
  readonly target?: string;
  readonly details?: readonly ODataErrorDetail[];
  /** Response headers that belong to the error, for example `Allow` with a 405. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What went wrong inside; kept for the log, never sent to a client. */
  readonly cause?: unknown;
}

/**
 * The one error that every part of the engine throws for something a client can mend.
 * It becomes the error response of OData JSON Format 4.01, section 21.1.
 *
 * The message says what was wrong, where, and what would be right; it is shown to the client, so it never
 * holds SQL, a path of the file system or a stack.
 *
 * @example
 * throw new ODataError(404, "ResourceNotFound", "There is no entity set named 'Produts'. Did you mean 'Products'?");
 */
export class ODataError extends Error {
  override readonly name = "ODataError";
  /** The HTTP status code, 400 to 599. */
  readonly status: number;
  /** A language-independent word for the kind of error, for example `BadRequest`. */
  readonly code: string;
  readonly target: string | undefined;
  readonly details: readonly ODataErrorDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, options: ODataErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.target = options.target;
    this.details = options.details ?? [];
    this.headers = options.headers ?? {};
  }
}

/** 400 `BadRequest`: the request itself is wrong. */
export function badRequest(message: string, options?: ODataErrorOptions): ODataError {
  return new ODataError(400, "BadRequest", message, options);
}

/** 404 `ResourceNotFound`: what the URL names is not there. */
export function notFound(message: string, options?: ODataErrorOptions): ODataError {
  return new ODataError(404, "ResourceNotFound", message, options);
}

/** 501 `NotImplemented`: right by the standard, but not offered by this service (Protocol 4.01, section 9.3.1). */
export function notImplemented(message: string, options?: ODataErrorOptions): ODataError {
  return new ODataError(501, "NotImplemented", message, options);
}

/** 504: a query that has been ended. No Retry-After: the same query would take as long again. */
export function tookTooLong(options?: ODataErrorOptions): ODataError {
  return new ODataError(
    504,
    "StatementTimeout",
    "The query took longer than queries may; ask for less at once.",
    options,
  );
}
