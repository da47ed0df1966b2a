import { Command } from "commander";
import { Failure, oneLine } from "./failure.js";
import { addServeCommand } from "./serve.js";
import { addTokenCommand } from "./token.js";
import { version } from "./version.js";

/**
 * Carries out a command line. A failure is one line on standard error and exit code 1.
 *
 * @param argv as `process.argv`
 */
export async function run(argv: readonly string[]): Promise<void> {
  // Whoever reads our output may leave (`odatum serve | head -1`); that is no reason to stop serving.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    await fail(error);
  }
}

function createProgram(): Command {
  const program = new Command("odatum")
    .description("OData services on this machine, among them the device-configuration part of Microsoft Graph.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print what a command takes")
    // Commander adds a suggestion on a line of its own; ours is one line.
    .configureOutput({
      outputError: (text, write) => write(`odatum: ${oneLine(text.replace(/^error: /, ""))}\n`),
    });
  addServeCommand(program);
  addTokenCommand(program);
  return program;
}

async function fail(error: unknown): Promise<never> {
  const text =
    error instanceof Failure
      ? error.message
      : `an unexpected error, which is a bug: ${oneLine(error instanceof Error ? error.message : String(error))}`;
  await new Promise((resolve) => process.stderr.write(`odatum: ${text}\n`, resolve));
  if (process.env["ODATUM_DEBUG"]) console.error(error);
  // Not left to the event loop: a half-opened store or listener would keep the process alive.
  process.exit(1);
}
