import { createCatalog } from "../../samples/catalog/service.js";
import { ODataError } from "../../src/index.js";
import type { ODataResponse, Service } from "../../src/index.js";

export const serviceRoot = "http://localhost:9090/";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed body, where it is JSON. */
  readonly json: any;
}

/** The sample service, asked as a client asks it. */
export class CatalogClient {
  readonly #service: Service;

  private constructor(service: Service) {
    this.#service = service;
  }

  static async open(url: string): Promise<CatalogClient> {
    return new CatalogClient(await createCatalog({ url, synchronous: "NORMAL" }));
  }

  close(): Promise<void> {
    return this.#service.close();
  }

  get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send("GET", url, undefined, headers);
  }

  post(url: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send("POST", url, body, headers);
  }

  /**
   * @param url relative to the service root, not percent-encoded
   * @param body an object is sent as JSON, bytes as they are
   */
  async send(
    method: string,
    url: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const content =
      body === undefined ? {} : { body: body instanceof Buffer ? body : Buffer.from(JSON.stringify(body)) };
    try {
      const answer = await this.#service.handle({
        method,
        url: `/${encodeURI(url)}`,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        serviceRoot,
        ...content,
      });
      return answerOf(answer.status, answer.headers, await textOf(answer.body));
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
      return answerOf(error.status, error.headers, error.message);
    }
  }

  /** The key of the product with a name. */
  async product(name: string): Promise<string> {
    const { json } = await this.get(`Products?$filter=Name eq '${name}'&$select=ID`);
    return json.value[0].ID as string;
  }
}

function answerOf(status: number, headers: Readonly<Record<string, string>> | undefined, text: string): Answer {
  const isJson = headers?.["content-type"]?.startsWith("application/json") === true;
  return { status, headers: headers ?? {}, text, json: isJson ? JSON.parse(text) : undefined };
}

async function textOf(body: ODataResponse["body"]): Promise<string> {
  if (body === undefined || typeof body === "string") return body ?? "";
  if (Buffer.isBuffer(body)) return body.toString();
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
