import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { median } from "./measure.js";
import type { Seed } from "./seed.js";

/** How often the command is started; the first time only fills the system's caches. */
const STARTS = 8;
/** After this long without a request a server is taken to be at rest, in milliseconds. */
const REST = 2_000;

/** How one start went. */
export interface Start {
  /** Milliseconds from the spawn to the first 200 of `/healthz`. */
  readonly healthy: number;
  /** Milliseconds from the spawn to the first 200 of a read by key. */
  readonly answered: number;
  /** Resident memory at rest, in bytes. */
  readonly memory: number;
}

const command = fileURLToPath(import.meta.resolve("odatum").replace(/index\.js$/, "command/main.js"));

/** Starts the command on a database that is there again and again, and says what was typical. */
export async function measureStartup(file: string, { ids }: Seed): Promise<Start> {
  const starts: Start[] = [];
  for (let i = 0; i < STARTS; i++)
    starts.push(await start(file, `/beta/deviceManagement/deviceConfigurations/${ids[i]!}`));
  const of = (part: (one: Start) => number) => median(starts.slice(1).map(part));
  return {
    healthy: of(({ healthy }) => healthy),
    answered: of(({ answered }) => answered),
    memory: of(({ memory }) => memory),
  };
}

async function start(file: string, path: string): Promise<Start> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${String(port)}`;
  const began = performance.now();
  const args = ["serve", "--port", String(port), "--database", `sqlite:${file}`, "--auth", "none"];
  const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "exit");
  try {
    await untilOk(`${origin}/healthz`, child);
    const healthy = performance.now() - began;
    await untilOk(`${origin}${path}`, child);
    const answered = performance.now() - began;
    await sleep(REST);
    const memory = Number(execFileSync("ps", ["-o", "rss=", "-p", String(child.pid)], { encoding: "utf8" })) * 1024;
    return { healthy, answered, memory };
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

async function untilOk(url: string, child: { readonly exitCode: number | null }): Promise<void> {
  while ((await statusOf(url)) !== 200) {
    if (child.exitCode !== null) throw new Error(`The command ended with ${String(child.exitCode)}.`);
    await sleep(1);
  }
}

/** Undefined where nobody listens yet. */
function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { agent: false }, (response) => {
      response.resume();
      response.on("close", () => resolve(response.statusCode));
    });
    sent.on("error", () => resolve(undefined));
    sent.end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
