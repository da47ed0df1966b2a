import { createDevIssuer, createServer } from "odatum";
import { createGraphService, graphAccess, graphScopes } from "odatum/graph";
import { report } from "./report.js";

/** The service behind its own front. Arguments: the database file, `token` or `none`, and `unpaged` for whole collections. */
const [file, authentication, paging] = process.argv.slice(2);
const service = await createGraphService({ url: `sqlite:${file!}` }, ...(paging === "unpaged" ? [{}] : []));
const issuer = authentication === "token" ? createDevIssuer({ scopes: graphScopes }) : undefined;
const server = createServer({
  host: "127.0.0.1",
  port: 0,
  services: [{ path: "/beta", handle: (request) => service.handle(request), access: graphAccess }],
  ...(issuer === undefined ? {} : { authenticator: issuer, tokenIssuer: issuer }),
});
const { port } = await server.listen();
const token = await issuer?.issueToken({ scopes: [graphScopes[1]] });
report(token === undefined ? { port } : { port, token });
