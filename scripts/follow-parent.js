/** How often the parent is looked after, in milliseconds. */
const EVERY = 500;

/**
 * Ends this process, as SIGTERM would, when the shell that npm started it in is gone: npm hands a SIGTERM to that shell, and
 * shells that do not become the command they run (dash) die of it and leave the command behind.
 */
export function followParent() {
  // Not without npm: whoever starts this from a shell by hand may well leave that shell.
  if (process.env.npm_lifecycle_event === undefined || process.platform === "win32") return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, EVERY);
  timer.unref();
}
