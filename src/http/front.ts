import type { Socket } from "node:net";
import type { Authenticator } from "./auth/authenticator.js";
import type { HttpLimits } from "./limits.js";
import type { Logger } from "./logger.js";

/** What all requests to one listener (or one router) share. */
export class Front {
  readonly limits: HttpLimits;
  readonly authenticator: Authenticator | undefined;
  readonly logger: Logger | undefined;
  /** Connections with a request in work, and how many; pipelined requests make it more than one. */
  readonly busy = new Map<Socket, number>();
  /** Requests in work. */
  inFlight = 0;
  /** Set once the listener is being shut down: each answer is then the last of its connection. */
  closing = false;

  constructor(limits: HttpLimits, authenticator: Authenticator | undefined, logger: Logger | undefined) {
    this.limits = limits;
    this.authenticator = authenticator;
    this.logger = logger;
  }

  enter(socket: Socket): void {
    this.inFlight++;
    this.busy.set(socket, (this.busy.get(socket) ?? 0) + 1);
  }

  leave(socket: Socket): void {
    this.inFlight--;
    const left = (this.busy.get(socket) ?? 1) - 1;
    if (left > 0) {
      this.busy.set(socket, left);
      return;
    }
    this.busy.delete(socket);
    // A response that began before the shutdown promised to keep the connection; it ends here.
    if (this.closing) socket.destroySoon();
  }
}
