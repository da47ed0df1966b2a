import type { ODataRequest, ODataResponse } from "../service/request.js";
import type { Principal } from "./auth/authenticator.js";
import { accessMethod, requireAccess } from "./auth/authorization.js";
import { checkBodyHeaders, hasBody, readBody } from "./body.js";
import type { Exchange } from "./exchange.js";
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
    service.access?.anonymous(accessMethod(exchange.req.method as string, url), url) === true
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
  const method = req.method as string;
  // Before the body: who may not write need not be read from.
  if (front.authenticator !== undefined) requireAccess(service.access, exchange.principal, method, url);
  // A header that came several times is one text by now, but for `set-cookie`, which means nothing in a request.
  const headers = req.headers as Headers;
  if (body !== undefined || !hasBody(req)) {
    handle(exchange, service, { method, url, headers, body, serviceRoot });
    return;
  }
  checkBodyHeaders(req, front.limits);
  if (exchange.expectsContinue) {
    exchange.expectsContinue = false;
    res.writeContinue();
  }
  readBody(req, front.limits)
    .then((bytes) => {
      const read = bytes.length === 0 ? undefined : bytes;
      handle(exchange, service, { method, url, headers, body: read, serviceRoot });
    })
    .catch((error: unknown) => exchange.fail(error));
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
