import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Ends a response whose request is still coming in. The whole response is out already, with its `Content-Length` and
 * `Connection: close`; now the rest of the request is read and dropped for a while before the connection closes. Closing
 * at once would reset it, and the reset could destroy the response on its way (RFC 9112, section 9.6).
 *
 * @param ms how long at most
 */
export function endLingering(req: IncomingMessage, res: ServerResponse, ms: number): void {
  const finish = (): void => {
    clearTimeout(timer);
    req.off("end", finish).off("close", finish);
    res.end();
  };
  const timer = setTimeout(finish, ms);
  req.on("end", finish).on("close", finish);
  req.resume();
}
