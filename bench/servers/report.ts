/** What a server says to the process that started it. */
export interface Started {
  readonly port: number;
  /** For the `Authorization` header, where the server wants one. */
  readonly token?: string;
}

export interface Usage {
  /** Processor time that the process has used so far, in microseconds. */
  readonly cpu: number;
  /** Resident memory in bytes. */
  readonly memory: number;
}

/** Tells the parent process that the server listens; from then on answers each of its messages with what was used. */
export function report(started: Started): void {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system, memory: process.memoryUsage.rss() } satisfies Usage);
  });
  process.on("disconnect", () => process.exit());
  process.send?.(started);
}
