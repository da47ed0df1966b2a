import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { say } from "./run-tool.js";

/** A lock folder without an owner in it is one whose owner died between two system calls, after this many milliseconds. */
const OWNERLESS = 5_000;

/**
 * Runs work that only one process at a time may do; others wait. A lock whose owner is gone is taken over.
 *
 * @param {string} folder made while the lock is held
 * @param {() => Promise<void>} work
 */
export async function withLock(folder, work) {
  mkdirSync(dirname(folder), { recursive: true });
  for (let told = false; !take(folder);) {
    if (!told)
      say(`Waiting for another 'npm start', 'npm test' or 'npm run build' in this folder (process ${owner(folder)}).`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (abandoned(folder)) rmSync(folder, { recursive: true, force: true });
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  // Also where a failure ends the process right there.
  process.once("exit", release);
  try {
    await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function take(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(folder, "pid"), String(process.pid));
  return true;
}

function owner(folder) {
  try {
    return Number(readFileSync(join(folder, "pid"), "utf8"));
  } catch {
    return 0;
  }
}

function abandoned(folder) {
  const pid = owner(folder);
  try {
    if (pid === 0) return Date.now() - statSync(folder).mtimeMs > OWNERLESS;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, as someone else's. ENOENT: released meanwhile.
    return error.code === "ESRCH";
  }
}
