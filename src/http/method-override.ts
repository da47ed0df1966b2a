import type { IncomingMessage } from "node:http";
import { badRequest } from "../errors/index.js";

/** Methods that a POST may stand for. */
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/**
 * The method that a request means. Where something between client and server lets nothing but GET and POST pass, clients send
 * a POST with the method that they mean in `X-HTTP-Method` or `X-HTTP-Method-Override`. Another method than POST means
 * itself: what only reads for everybody on the way must not be made to change something by a header.
 *
 * @throws {ODataError} 400 where the headers name different methods, or none that a POST may stand for
 */
export function effectiveMethod({ method, headers }: Pick<IncomingMessage, "method" | "headers">): string {
  if (method !== "POST") return method as string;
  const [first, second] = ["x-http-method-override", "x-http-method"].map((name) => {
    const written = headers[name];
    return typeof written === "string" ? written.trim().toUpperCase() : undefined;
  });
  if (first === undefined && second === undefined) return method;
  if (first !== undefined && second !== undefined && first !== second)
    throw badRequest("The headers X-HTTP-Method-Override and X-HTTP-Method name different methods.");
  const meant = (first ?? second)!;
  if (METHODS.has(meant)) return meant;
  throw badRequest(`A POST can stand for ${[...METHODS].join(", ")}, by the header X-HTTP-Method-Override.`, {
    target: first === undefined ? "X-HTTP-Method" : "X-HTTP-Method-Override",
  });
}
