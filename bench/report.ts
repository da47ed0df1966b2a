import { cpus, totalmem } from "node:os";
import type { Measurement } from "./measure.js";
import { median } from "./measure.js";
import type { Grown, Growth } from "./growth.js";
import { SIZES } from "./growth.js";
import type { Options } from "./options.js";
import { ASSIGNMENTS, CONFIGURATIONS } from "./seed.js";
import type { Share } from "./share.js";
import type { Start } from "./startup.js";
import type { ServerName, Work } from "./work.js";
import { BATCH } from "./work.js";

/** The measurements of one row: by server, one a round. */
export interface Result {
  readonly work: Work;
  readonly rounds: ReadonlyMap<ServerName, readonly Measurement[]>;
}

const columns = [
  "work",
  "server",
  "requests/s",
  "of the floor",
  "of the floor, CPU",
  "of odata-v4-server",
  "p50 ms",
  "p99 ms",
  "CPU µs",
];

/** The table as Markdown. */
export function table(results: readonly Result[]): string {
  return markdown(columns, 2, results.flatMap(rows));
}

/** @param texts how many of the columns, from the first, hold texts; numbers are set to the right */
function markdown(head: readonly string[], texts: number, body: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, i) => (i < texts ? "---" : "---:")), ...body];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map(
      (line) =>
        `| ${line.map((cell, i) => (i < texts ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`,
    )
    .join("\n");
}

/** What a thousand times as many rows cost, and a whole store in one answer, in words. */
export function growthText({ growths, streamed }: Grown): string {
  const [small, large] = SIZES;
  const head = ["work", ...SIZES.map((size) => `p50 ms, ${integer(size)} rows`), "factor", "factor, CPU"];
  const line = ({ title, rounds }: Growth): string[] => {
    const of = (size: number, part: (m: Measurement) => number) => median(rounds.get(size)!.map(part));
    const factor = (part: (m: Measurement) => number) => of(large, part) / of(small, part);
    return [
      title,
      ...SIZES.map((size) => of(size, (m) => m.p50).toFixed(2)),
      factor((m) => m.p50).toFixed(2),
      factor((m) => m.cpu).toFixed(2),
    ];
  };
  const { rows, bytes, seconds, before, peak } = streamed;
  const mebibytes = (value: number) => `${integer(value / 2 ** 20)} MiB`;
  return `${markdown(head, 1, growths.map(line))}

All ${integer(rows)} rows in one answer: ${mebibytes(bytes)} in ${seconds.toFixed(1)} s. The server had ${mebibytes(before)} of resident memory before and ${mebibytes(peak)} at
most while it lasted (64 MiB of it may be what is mapped of the file).`;
}

function rows({ work, rounds }: Result): string[][] {
  return [...rounds].map(([name, measurements], index) => {
    const of = (part: (m: Measurement) => number) => median(measurements.map(part));
    return [
      index === 0 ? work.title : "",
      name,
      integer(of((m) => m.perSecond)),
      name === "floor" ? "1" : ratio(measurements, rounds.get("floor"), (m) => m.perSecond).toFixed(2),
      name === "floor" ? "1" : (1 / ratio(measurements, rounds.get("floor"), (m) => m.cpu)).toFixed(2),
      name === "odata-v4-server" ? "1" : times(ratio(measurements, rounds.get("odata-v4-server"), (m) => m.perSecond)),
      of((m) => m.p50).toFixed(2),
      of((m) => m.p99).toFixed(2),
      integer(of((m) => m.cpu)),
    ];
  });
}

/** The median of the ratios of measurements that were made in the same round. */
function ratio(
  given: readonly Measurement[],
  base: readonly Measurement[] | undefined,
  part: (m: Measurement) => number,
): number {
  return base === undefined ? NaN : median(given.map((measurement, round) => part(measurement) / part(base[round]!)));
}

function times(value: number): string {
  return Number.isNaN(value) ? "" : `${value < 10 ? value.toFixed(1) : integer(value)} x`;
}

function integer(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** What a batch takes beside the requests that are in it, in words. */
export function shareText({ batches, singles }: Share): string {
  const milliseconds = (measurements: readonly Measurement[], count: number) =>
    ((1_000 * count) / median(measurements.map(({ perSecond }) => perSecond))).toFixed(2);
  const part = ratio(singles, batches, ({ perSecond }) => perSecond) / BATCH;
  const work = 1 / (ratio(singles, batches, ({ cpu }) => cpu) * BATCH);
  return `${String(BATCH)} reads by key in one JSON batch take ${milliseconds(batches, 1)} ms, and ${milliseconds(singles, BATCH)} ms as requests of their own, one after the other over one connection
that is kept: ${part.toFixed(2)} of the time, and ${work.toFixed(2)} of the server's processor time.`;
}

/** What a start took, in words. */
export function startupText({ healthy, answered, memory }: Start): string {
  return `\`odatum serve\` on this database answers ${integer(healthy)} ms after it was started; a read by key is answered after ${integer(answered)} ms.
At rest it has ${integer(memory / 2 ** 20)} MiB of memory (resident, with the code of Node and what is mapped of the file).`;
}

/** All that was measured; what is absent was not asked for. */
export interface Report {
  readonly results: readonly Result[];
  readonly share: Share | undefined;
  readonly growth: Grown | undefined;
  readonly startup: Start | undefined;
}

/** The text of `docs/performance.md`. */
export function document({ results, share, growth, startup }: Report, options: Options): string {
  const processor = cpus()[0]?.model ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `# Performance

What the engine costs, measured against two others that give the same answers. \`npm run build && npm run bench\` measures it
on your machine; with \`-- --write\` it writes this page. Absolute numbers say more of the machine than of the software: look at the ratios.

- **floor**: what one would write by hand for just these requests: a bare Node listener, prepared statements of \`better-sqlite3\`, string
  concatenation. No parser, no model, no limits, no checks, no error handling. It reads and writes the same database file, and answers with the same
  bodies, byte for byte; that is checked before anything is measured.
- **odatum**: the device-configuration service behind its own listener, without authentication, and with the development issuer and a
  token in every request.
- **odata-v4-server**: the same entities on \`odata-v4-server\` 0.2.13, out of arrays and maps in memory, which is the best that can happen to it.
  Nothing is stored there, so its creates compare with nothing. It has no batches, leaves entities within others to its controllers, and answers updates without
  the entity, so these rows are without it.

The database holds ${integer(CONFIGURATIONS)} device configurations of about 1.5 kB each, and ${String(ASSIGNMENTS)} group assignments for each. Writes are durable on both
sides: write-ahead log, \`synchronous=FULL\`, and no answer before the commit. The floor commits each request by itself; odatum commits those that wait at the same
time together, so the rows of single writes say how many connections there are, too. Device configurations can be searched; both keep the words of new ones.

${table(results)}

"Of the floor" is the rate as a part of the floor's; "of the floor, CPU" compares processor time a request in the same way, which is what remains where the
disk or the client is the limit. All are medians of ${String(options.rounds)} rounds of ${String(options.seconds)} s in which the servers take turns; a ratio is that of two
measurements of the same round. ${String(options.connections)} connections, one request at a time on each. Client and server share the machine: ${processor}, ${String(cpus().length)} cores,
${String(memory)} GiB of memory, Node ${process.version}.
${share === undefined ? "" : `\n## Batches\n\n${shareText(share)}\n`}${growth === undefined ? "" : `\n## Growth\n\nThe same requests to odatum, on a store of ${integer(SIZES[0])} device configurations and on one of ${integer(SIZES[1])}.\n\n${growthText(growth)}\n`}${startup === undefined ? "" : `\n## Start\n\n${startupText(startup)}\n`}`;
}
