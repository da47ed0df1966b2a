/** A response as it stands in a text. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Reads a response of the media type `application/http`. */
export function parseHttpResponse(text: string): HttpAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [first, ...fields] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(first!)![1]), headers, text: text.slice(end + 4) };
}
