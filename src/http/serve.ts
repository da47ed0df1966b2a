import { decodeContent, isEncoded } from "../format/content-coding.js";
import type { ODataRequest, ODataResponse } from "../service/request.js";
import type { Principal } from "./auth/authenticator.js";
import { accessMethod, requireAccess } from "./auth/authorization.js";
import { checkBodyHeaders, hasBody, readBody } from "./body.js";
import { contentOf } from "./content.js";
import type { Exchange } from "./exchange.js";
import { effectiveMethod } from "./method-override.js";
import type { MountedService } from "./mount.js";

type Headers = ODataRequest["headers"];

/**
 * The way of an OData request through the front: authenticate, authorize, read the body, hand it to the service, send what
 * it answers. Each step goes on at once where it can; a read with a known token and a synchronous engine takes no
 * turn of the event loop.
 *
 * @param url relative to the service, with a leading slash
 * @param body where something before us (middleware of an Express app) has read it already
 */
export function serve(
  exchange: Exchange,
  service: MountedService,
  url: string,
  serviceRoot: string,
  body?: Buffer | string,
): void {
  exchange.service = service;
  try {
    const principal = authenticate(exchange, service, url);
    if (principal !== undefined && "then" in principal) {
      principal
        .then((known) => {
          exchange.principal = known;
          receive(exchange, service, url, serviceRoot, body);
        })
        .catch((error: unknown) => exchange.fail(error));
    } else {
      exchange.principal = principal;
      receive(exchange, service, url, serviceRoot, body);
    }
  } catch (error) {
    exchange.fail(error);
  }
}

function authenticate(
  exchange: Exchange,
  service: MountedService,
  url: string,
): Principal | undefined | Promise<Principal> {
  const { authenticator } = exchange.front;
  if (
    authenticator === undefined ||
    service.access?.anonymous(accessMethod(effectiveMethod(exchange.req), url), url) === true
  ) {
    return undefined;
  }
  return authenticator.authenticate(exchange.req.headers.authorization);
}

function receive(
  exchange: Exchange,
  service: MountedService,
  url: string,
  serviceRoot: string,
  body: Buffer | string | undefined,
): void {
  const { req, res, front } = exchange;
  const method = effectiveMethod(req);
  // Before the body: who may not write need not be read from.
  if (front.authenticator !== undefined) requireAccess(service.access, exchange.principal, method, url);
  // A header that came several times is one text by now, but for `set-cookie`, which means nothing in a request.
  const headers = req.headers as Headers;
  if (body !== undefined || !hasBody(req)) {
    handle(exchange, service, { method, url, headers, body, serviceRoot, client: exchange });
    return;
  }
  const begin = (): void => {
    if (!exchange.expectsContinue) return;
    exchange.expectsContinue = false;
    res.writeContinue();
  };
  // What is encoded has to be there as a whole to be decoded.
  if (!isEncoded(headers["content-encoding"]) && service.takesStream?.({ method, url, headers }) === true) {
    checkBodyHeaders(req, { ...front.limits, maxBodyBytes: Infinity });
    const content = contentOf(req, front.limits, begin);
    handle(exchange, service, { method, url, headers, content, serviceRoot, client: exchange });
    return;
  }
  checkBodyHeaders(req, front.limits);
  begin();
  readBody(req, front.limits)
    .then((bytes) =>
      isEncoded(headers["content-encoding"]) ? decoded(bytes, headers, front.limits.maxBodyBytes) : bytes,
    )
    .then((bytes) => {
      const read = bytes.length === 0 ? undefined : bytes;
      handle(exchange, service, { method, url, headers, body: read, serviceRoot, client: exchange });
    })
    .catch((error: unknown) => exchange.fail(error));
}

/** A body as it was before it was encoded; the header has no more to say then. */
async function decoded(bytes: Buffer, headers: Record<string, string | undefined>, most: number): Promise<Buffer> {
  const body = await decodeContent(bytes, headers["content-encoding"]!, most);
  delete headers["content-encoding"];
  return body;
}

function handle(exchange: Exchange, service: MountedService, request: ODataRequest): void {
  const answer: ODataResponse | Promise<ODataResponse> = service.handle(request, exchange);
  if ("then" in answer) {
    answer.then(
      (response) => exchange.send(response),
      (error: unknown) => exchange.fail(error),
    );
  } else {
    exchange.send(answer);
  }
}
