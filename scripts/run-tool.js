import { spawn } from "node:child_process";
import { constants } from "node:os";

/** How often a sign of life is shown, in milliseconds: on a terminal the line is rewritten, elsewhere each is a new one. */
const ON_TERMINAL = 2_000;
const ELSEWHERE = 15_000;

/** Says something about the preparations. On standard error: standard output belongs to what is being prepared. */
export function say(text) {
  process.stderr.write(`odatum: ${text}\n`);
}

/**
 * Runs a tool quietly, with a sign of life from time to time; what it printed is shown only where it fails, and that ends
 * this process too.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, name: string, activity: () => string, failure: string, env?: NodeJS.ProcessEnv, shell?: boolean }} options
 */
export async function runTool(command, args, { cwd, name, activity, failure, env = process.env, shell = false }) {
  const started = Date.now();
  const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(chunk));
  const terminal = process.stderr.isTTY;
  const clear = () => terminal && process.stderr.write("\r\x1b[K");
  const alive = () => {
    const line = `odatum: ${name}: ${activity()} (${elapsed(started)})`;
    if (terminal) process.stderr.write(`\r\x1b[K${line.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))}`);
    else process.stderr.write(`${line}\n`);
  };
  const timer = setInterval(alive, terminal ? ON_TERMINAL : ELSEWHERE);
  // The tool is not to outlive us; and half an installation is not what we would go on with.
  let stoppedBy;
  const stop = (signal) => {
    stoppedBy ??= signal;
    child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  const result = await new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 127, error }));
    child.on("close", (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal] }));
  });
  clearInterval(timer);
  clear();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, stop);
  if (stoppedBy !== undefined) process.exit(128 + constants.signals[stoppedBy]);
  if (result.code === 0) {
    if (Date.now() - started > 5_000) say(`${name}: done (${elapsed(started)}).`);
    return;
  }
  process.stderr.write(Buffer.concat(output));
  say(`${failure} (${result.error?.message ?? `exit code ${result.code}`}, after ${elapsed(started)})`);
  process.exit(1);
}

function elapsed(since) {
  const seconds = Math.round((Date.now() - since) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
