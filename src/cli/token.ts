import { existsSync } from "node:fs";
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { Failure } from "./failure.js";
import { hostedServices } from "./hosted.js";
import { defaultDatabase, findStore } from "./store.js";

const { scopes, writeScope } = hostedServices.graph;

/** The flags of `odatum token`. */
interface TokenFlags {
  readonly scope: readonly string[];
  readonly lifetime: number;
  readonly database: string;
  readonly keyFile?: string;
}

/** Adds `odatum token`. */
export function addTokenCommand(program: Command): void {
  program
    .command("token")
    .description("Print an access token for a service that runs with --auth dev.")
    .addOption(new Option("--scope <name...>", "what it allows").choices(scopes).default([writeScope]))
    .addOption(new Option("--lifetime <seconds>", "how long it holds").default(3600).argParser(seconds))
    .addOption(
      new Option("--database <url>", "the service's database; the keys lie beside it")
        .env("ODATUM_DATABASE")
        .default(defaultDatabase),
    )
    .addOption(new Option("--key-file <file>", "the file with the keys, where it lies elsewhere"))
    .action(printToken);
}

async function printToken({ scope, lifetime, database, keyFile }: TokenFlags): Promise<void> {
  const file = keyFile ?? findStore(database).keyFile;
  if (file === undefined) {
    throw new Failure(
      "A service with its store in memory keeps no key file; ask its token endpoint, POST /odatum/oauth2/v2.0/token.",
    );
  }
  // A new pair made here would sign tokens that no running service knows; most likely the path is a wrong one.
  if (!existsSync(file)) {
    throw new Failure(`There is no key file '${file}'; 'odatum serve' makes it at the first start with that database.`);
  }
  // Not through the public face: that would load TypeORM and a whole model for one signature.
  const { createDevIssuer } = await import("../http/auth/dev-issuer.js");
  let token: string;
  try {
    token = await createDevIssuer({ scopes, keyFile: file }).issueToken({ scopes: scope, lifetimeSeconds: lifetime });
  } catch (error) {
    throw new Failure((error as Error).message, { cause: error });
  }
  process.stdout.write(`${token}\n`);
}

function seconds(text: string): number {
  const count = Number(text);
  if (!/^[0-9]+$/.test(text) || count < 1 || count > 366 * 24 * 3600) {
    throw new InvalidArgumentError("It must be a number of seconds from 1 to 31622400 (366 days).");
  }
  return count;
}
