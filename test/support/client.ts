import * as http from "node:http";

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  readonly json: any;
}

export interface CallOptions {
  readonly headers?: http.OutgoingHttpHeaders;
  /** Text and bytes go as they are; anything else as JSON. */
  readonly body?: unknown;
  /** `null`: without the header. */
  readonly token?: string | null;
}

/** A plain HTTP client: paths go out exactly as they are written, doubled slashes and all. */
export class Client {
  readonly origin: string;
  readonly base: string;
  readonly token: string | undefined;

  /**
   * @param origin `http://127.0.0.1:1234`
   * @param base in front of every path: `/beta`
   */
  constructor(origin: string, base = "", token?: string) {
    this.origin = origin;
    this.base = base;
    this.token = token;
  }

  get = (path: string, options?: CallOptions): Promise<Answer> => this.call("GET", path, options);
  post = (path: string, body: unknown, options?: CallOptions): Promise<Answer> =>
    this.call("POST", path, { ...options, body });
  patch = (path: string, body: unknown, options?: CallOptions): Promise<Answer> =>
    this.call("PATCH", path, { ...options, body });
  put = (path: string, body: unknown, options?: CallOptions): Promise<Answer> =>
    this.call("PUT", path, { ...options, body });
  delete = (path: string, options?: CallOptions): Promise<Answer> => this.call("DELETE", path, options);

  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { hostname, port } = new URL(this.origin);
    const { body } = options;
    const isPlain = typeof body === "string" || body instanceof Buffer;
    const payload = body === undefined || isPlain ? body : JSON.stringify(body);
    const token = options.token === null ? undefined : (options.token ?? this.token);
    const headers: http.OutgoingHttpHeaders = {
      ...(payload === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...options.headers,
    };
    return new Promise((resolve, reject) => {
      const request = http.request(
        { hostname, port, method, path: `${this.base}${path}`, headers, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              text,
              get json() {
                return JSON.parse(text);
              },
            });
          });
        },
      );
      request.on("error", reject);
      request.end(payload);
    });
  }
}
