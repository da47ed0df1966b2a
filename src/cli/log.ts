import type { Logger } from "../index.js";

/** How much is logged, the least first. */
export const logLevels = ["off", "error", "warn", "info"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * A logger for people: a line an event, on standard error; an unexpected error with its stack, for it is a bug that someone
 * has to find.
 *
 * @param level the most talkative kind of line that is wanted; `info` has one for each request
 */
export function createLog(level: LogLevel, write: (text: string) => void): Logger {
  const at = (kind: LogLevel) => {
    if (logLevels.indexOf(kind) > logLevels.indexOf(level)) return () => undefined;
    return (fields: object, message: string): void => write(line(kind, fields, message));
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function line(kind: LogLevel, fields: object, message: string): string {
  const { err, ...others } = fields as { err?: unknown };
  const details = Object.entries(others)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${String(value)}`);
  const stack = err === undefined ? "" : `\n${err instanceof Error ? (err.stack ?? err.message) : String(err)}`;
  return `${new Date().toISOString()} ${kind} ${message}${details.join("")}${stack}\n`;
}
