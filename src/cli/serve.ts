import { isIP } from "node:net";
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { Authenticator, DevIssuer, ODatumServer, Service } from "../index.js";
import { curlCommand } from "./curl.js";
import { codeOf, Failure } from "./failure.js";
import type { HostedService, ServiceName } from "./hosted.js";
import { hostedServices } from "./hosted.js";
import type { LogLevel } from "./log.js";
import { createLog, logLevels } from "./log.js";
import { stopOnSignal } from "./stop.js";
import type { Store } from "./store.js";
import { checkStore, defaultDatabase, findStore, storeFailure } from "./store.js";
import { version } from "./version.js";

const authentications = ["dev", "jwt", "none"] as const;

/** The audience of tokens for Microsoft Graph; the development issuer's tokens have it too. */
const GRAPH = "https://graph.microsoft.com";

/** How long the token of the printed command holds, in seconds. */
const ONE_DAY = 24 * 3600;

/** The flags of `odatum serve`. */
interface ServeFlags {
  readonly service: ServiceName;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly pageSize: number;
  readonly auth: (typeof authentications)[number];
  readonly issuer?: string;
  readonly audience?: string;
  readonly jwksUri?: string;
  readonly forceOpen?: true;
  readonly log: LogLevel;
}

/** Adds `odatum serve`. */
export function addServeCommand(program: Command): void {
  const option = (flags: string, text: string, variable: string) => new Option(flags, text).env(variable);
  program
    .command("serve")
    .description("Run a service until it is told to stop (Ctrl-C, SIGTERM).")
    .addOption(
      option("--service <name>", "what to serve", "ODATUM_SERVICE")
        .choices(Object.keys(hostedServices))
        .default("graph"),
    )
    .addOption(
      option("--host <host>", "the address or name to listen on", "ODATUM_HOST")
        .default("127.0.0.1")
        .argParser(notEmpty),
    )
    .addOption(
      option("--port <number>", "the port; 0 for any that is free", "ODATUM_PORT").default(8080).argParser(portNumber),
    )
    .addOption(
      option(
        "--database <url>",
        "sqlite:FILE, sqlite3:FILE (the other driver), sqlite::memory:, postgres://USER@HOST/DATABASE",
        "ODATUM_DATABASE",
      ).default(defaultDatabase),
    )
    .addOption(
      option("--page-size <number>", "entities on a page where the client does not say; 0 for all", "ODATUM_PAGE_SIZE")
        .default(1_000)
        .argParser(pageSize),
    )
    .addOption(
      option("--auth <kind>", "whose tokens are accepted: dev (its own, for whoever asks), jwt, none", "ODATUM_AUTH")
        .choices(authentications)
        .default("dev"),
    )
    .addOption(
      option("--issuer <url>", "with --auth jwt: the issuer of the tokens", "ODATUM_ISSUER").argParser(httpUrl),
    )
    .addOption(
      option(
        "--audience <value>",
        `with --auth jwt: whom they are for (default: "${GRAPH}")`,
        "ODATUM_AUDIENCE",
      ).argParser(notEmpty),
    )
    .addOption(
      option(
        "--jwks-uri <url>",
        "with --auth jwt: where the issuer's keys are (default: as its OpenID configuration says)",
        "ODATUM_JWKS_URI",
      ).argParser(httpUrl),
    )
    .addOption(new Option("--force-open", "allow --auth none on an address that others can reach"))
    .addOption(
      option("--log <level>", "what to log on standard error", "ODATUM_LOG").choices(logLevels).default("error"),
    )
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  checkAuthentication(flags);
  const hosted: HostedService = hostedServices[flags.service];
  const store = findStore(flags.database);
  checkStore(store);
  const service = await openService(hosted, store, flags.pageSize);
  let server: ODatumServer | undefined;
  try {
    const authentication = await authenticate(flags, hosted, store);
    const { createServer } = await import("../index.js");
    server = createServer({
      host: flags.host,
      port: flags.port,
      services: [
        {
          path: hosted.path,
          handle: (request) => service.handle(request),
          takesStream: (request) => service.takesStream(request),
          access: hosted.access,
        },
      ],
      logger: createLog(flags.log, (text) => process.stderr.write(text)),
      ...authentication,
      // Without tokens a page in a browser must not reach us through a name that it makes point here (DNS rebinding).
      ...(flags.auth === "none" && isLoopback(flags.host)
        ? { trustedHosts: ["localhost", "127.0.0.1", "[::1]", urlHost(flags.host)] }
        : {}),
    });
    const { url } = await listen(server, flags);
    const listening = server;
    const stop = async (): Promise<void> => {
      await listening.close();
      await service.close();
    };
    stopOnSignal(stop, (error) => {
      process.stderr.write(`odatum: The store could not be closed: ${(error as Error).message}\n`, () =>
        process.exit(1),
      );
    });
    await announce(`${url}${hosted.path}`, flags, hosted, authentication.tokenIssuer);
  } catch (error) {
    await server?.close(0);
    await service.close();
    throw error;
  }
}

async function openService(hosted: HostedService, store: Store, pageSize: number): Promise<Service> {
  const { ModelError } = await import("../index.js");
  try {
    return await hosted.open(store.url, pageSize === 0 ? undefined : pageSize);
  } catch (error) {
    throw error instanceof ModelError ? error : storeFailure(error, store);
  }
}

/** @throws {Failure} where the flags about tokens do not go together */
function checkAuthentication({ auth, host, issuer, audience, jwksUri, forceOpen }: ServeFlags): void {
  if (auth === "jwt") {
    if (issuer === undefined) throw new Failure("--auth jwt needs --issuer, the URL of the issuer of the tokens.");
    return;
  }
  const meaningless = Object.entries({ "--issuer": issuer, "--audience": audience, "--jwks-uri": jwksUri }).find(
    ([, value]) => value !== undefined,
  );
  if (meaningless !== undefined) {
    throw new Failure(`${meaningless[0]} has a meaning with --auth jwt only; this is --auth ${auth}.`);
  }
  if (auth === "none" && !isLoopback(host) && forceOpen !== true) {
    throw new Failure(
      `--auth none on '${host}' would let everyone on the network read and write; add --force-open if that is meant.`,
    );
  }
}

/** What the listener checks tokens with. */
async function authenticate(
  flags: ServeFlags,
  hosted: HostedService,
  store: Store,
): Promise<{ authenticator?: Authenticator; tokenIssuer?: DevIssuer }> {
  const { createDevIssuer, createJwtAuthenticator } = await import("../index.js");
  switch (flags.auth) {
    case "none":
      return {};
    case "jwt": {
      const { issuer, audience = GRAPH, jwksUri } = flags;
      const keys = jwksUri === undefined ? {} : { jwksUri };
      return { authenticator: createJwtAuthenticator({ issuer: issuer as string, audience, ...keys }) };
    }
    case "dev": {
      const kept = store.keyFile === undefined ? {} : { keyFile: store.keyFile };
      try {
        const issuer = createDevIssuer({ scopes: hosted.scopes, ...kept });
        return { authenticator: issuer, tokenIssuer: issuer };
      } catch (error) {
        // Its messages are for whoever runs the command.
        throw new Failure((error as Error).message, { cause: error });
      }
    }
  }
}

async function listen(server: ODatumServer, { host, port }: ServeFlags): Promise<{ url: string }> {
  try {
    return await server.listen();
  } catch (error) {
    throw new Failure(listenProblem(codeOf(error), host, port) ?? `Cannot listen: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function listenProblem(code: string | undefined, host: string, port: number): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${String(port)} on '${host}' is in use by another program; choose another with --port.`;
    case "EACCES":
    case "EPERM":
      return `No permission to listen on port ${String(port)}; choose one from 1024 up with --port.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
      return `The host '${host}' is not known.`;
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
      return `The host '${host}' is not an address of this machine.`;
    default:
      return undefined;
  }
}

/** Says that the service is ready. The command to begin with comes last, so that it can be told from the rest. */
async function announce(
  baseUrl: string,
  flags: ServeFlags,
  { example, writeScope }: HostedService,
  issuer: DevIssuer | undefined,
): Promise<void> {
  if (flags.auth === "dev" && !isLoopback(flags.host)) {
    process.stderr.write(`odatum: warning: whoever reaches '${flags.host}' can get a token (--auth dev).\n`);
  }
  const lines = [`odatum ${version} serves '${flags.service}' from ${flags.database}`, `Ready at ${baseUrl}`];
  if (flags.auth === "jwt") {
    lines.push(
      `Call it with a token of ${flags.issuer as string} for ${flags.audience ?? GRAPH} in the header 'Authorization: Bearer TOKEN'.`,
    );
  } else {
    const token = await issuer?.issueToken({ scopes: [writeScope], lifetimeSeconds: ONE_DAY });
    const note = token === undefined ? "" : " (the token holds for a day)";
    lines.push(
      `${example.title}${note}:`,
      curlCommand({ url: `${baseUrl}${example.path}`, body: example.body, token }),
    );
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Only what is surely loopback: a name other than `localhost` may mean something else tomorrow. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port > 65_535) throw new InvalidArgumentError("It must be an integer from 0 to 65535.");
  return port;
}

function pageSize(text: string): number {
  const size = Number(text);
  if (!/^[0-9]+$/.test(text) || size > 1_000_000)
    throw new InvalidArgumentError("It must be an integer from 0 to 1000000.");
  return size;
}

function notEmpty(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It must not be empty.");
  return text;
}

function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("It must be a URL with http or https.");
  }
  return text;
}
