import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * One Ctrl-C under `npm start` comes twice: from the terminal, which signals the whole group, and from npm, which hands
 * it on. What follows within this time, in milliseconds, is the same one.
 */
const SAME_SIGNAL = 200;

/**
 * Ends the process when it is told to: in order at the first signal (exit code 0), at once at a second one (128 and the
 * signal's number, as shells have it).
 *
 * @param stop ends what is running
 * @param failed is told where `stop` throws; ends the process
 */
export function stopOnSignal(stop: () => Promise<void>, failed: (error: unknown) => void): void {
  let first: { readonly signal: string; readonly at: number } | undefined;
  for (const signal of signals) {
    process.on(signal, () => {
      if (first === undefined) {
        first = { signal, at: performance.now() };
        stop().then(() => process.exit(0), failed);
      } else if (signal !== first.signal || performance.now() - first.at > SAME_SIGNAL) {
        process.exit(128 + constants.signals[signal]);
      }
    });
  }
}
