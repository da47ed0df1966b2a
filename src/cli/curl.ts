/** A request that is to be shown as a command. */
export interface CurlRequest {
  readonly url: string;
  readonly body: object;
  /** Without one the command sends no `Authorization`. */
  readonly token?: string | undefined;
}

/** A `curl` command in one line, to be pasted into a POSIX shell; it shows the status and the answer. */
export function curlCommand({ url, body, token }: CurlRequest): string {
  const headers = token === undefined ? [] : [`Authorization: Bearer ${token}`];
  headers.push("Content-Type: application/json");
  return [
    "curl -sS -i -X POST",
    quote(url),
    ...headers.map((header) => `-H ${quote(header)}`),
    `-d ${quote(JSON.stringify(body))}`,
  ].join(" ");
}

/** Within single quotes a POSIX shell changes nothing; a single quote itself has to be outside of them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
