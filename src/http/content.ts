import type { IncomingMessage } from "node:http";
import { ODataError } from "../errors/index.js";
import { ClientGone } from "./body.js";

/** The bounds of a body that is handed on as it arrives. How long it may be is for the service to say. */
export interface ContentLimits {
  readonly bodyTimeoutMs: number;
  readonly uploadTimeoutMs: number;
}

/**
 * A body as it arrives: nothing more is read from the connection than is asked for. What is left when the reader stops
 * stays there, for whoever ends the exchange.
 *
 * @param begin called before anything is read, where anything is
 * @throws {ODataError} 408 where nothing comes for too long, or all of it takes too long; {@link ClientGone} where the
 *   connection broke off
 */
export async function* contentOf(
  req: IncomingMessage,
  limits: ContentLimits,
  begin: () => void,
): AsyncGenerator<Buffer, void, undefined> {
  begin();
  // An aborted request emits 'error' after 'close'; unheard it would end the process.
  req.on("error", ignore);
  const end = performance.now() + limits.uploadTimeoutMs;
  for (;;) {
    const chunk = req.read() as Buffer | null;
    if (chunk !== null) {
      yield chunk;
      continue;
    }
    if (req.readableEnded) return;
    if (req.destroyed) throw gone();
    await more(req, limits, end - performance.now());
  }
}

/** Waits until there is more to read, or nothing will come any more. Only the client's time counts, not the reader's. */
function more(req: IncomingMessage, limits: ContentLimits, left: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      req.off("readable", onMore).off("end", onMore).off("close", onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onMore = (): void => settle();
    const onClose = (): void => settle(req.readableEnded ? undefined : gone());
    const wait = Math.max(0, Math.min(limits.bodyTimeoutMs, left));
    const timer = setTimeout(() => {
      const text =
        wait < limits.bodyTimeoutMs
          ? `The request body did not arrive within ${String(limits.uploadTimeoutMs / 1000)} seconds.`
          : `Nothing came of the request body for ${String(limits.bodyTimeoutMs / 1000)} seconds.`;
      settle(new ODataError(408, "RequestTimeout", text));
    }, wait);
    req.on("readable", onMore).on("end", onMore).on("close", onClose);
  });
}

function gone(): ClientGone {
  return new ClientGone("The connection was closed before the request body was complete.");
}

function ignore(): void {}
