import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SignJWT } from "jose";
import type { JWTPayload } from "jose";
import { createGraphService, graphAccess, graphScopes } from "../../src/graph/index.js";
import type { DevIssuer, Service } from "../../src/index.js";
import { createDevIssuer, createServer } from "../../src/index.js";
import type { Answer } from "../support/client.js";
import { Client } from "../support/client.js";
import type { GraphServer } from "../support/graph-server.js";
import { configurations, expectError, expectRefused, root } from "./support.js";

const [readScope, writeScope] = graphScopes;

describe("access", () => {
  let folder: string;
  let keyFile: string;
  let service: Service;
  let issuer: DevIssuer;
  let server: ReturnType<typeof createServer>;
  let graph: GraphServer;
  let client: Client;
  let key: KeyObject;
  let kid: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "odatum-auth-"));
    keyFile = join(folder, "key.json");
    service = await createGraphService({ url: `sqlite:${join(folder, "store.db")}`, synchronous: "NORMAL" });
    issuer = createDevIssuer({ scopes: [...graphScopes, "User.Read"], keyFile });
    server = createServer({
      host: "127.0.0.1",
      port: 0,
      services: [{ path: "/beta", handle: (request) => service.handle(request), access: graphAccess }],
      authenticator: issuer,
      tokenIssuer: issuer,
    });
    const { url } = await server.listen();
    client = new Client(url.replace(/\/$/, ""), "/beta");
    graph = { service, client } as unknown as GraphServer;
    const stored = JSON.parse(readFileSync(keyFile, "utf8")) as Record<string, unknown>;
    const jwk = (stored.key ?? stored.privateKey ?? stored) as Record<string, string>;
    key = createPrivateKey({ key: jwk as never, format: "jwk" });
    kid = issuer.jwks().keys[0]!.kid!;
  });
  after(async () => {
    await server.close(1_000);
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const sign = (
    payload: { readonly [claim: string]: unknown },
    options: { alg?: string; key?: KeyObject | Uint8Array; kid?: string } = {},
  ) =>
    new SignJWT({
      iss: issuer.issuer,
      aud: issuer.audience,
      scp: writeScope,
      exp: Math.floor(Date.now() / 1000) + 600,
      ...payload,
    } as JWTPayload)
      .setProtectedHeader({ alg: options.alg ?? "ES256", kid: options.kid ?? kid, typ: "JWT" })
      .sign(options.key ?? key);
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  /** 401 in form: for a read and for a write, and nothing stored. */
  const unauthorized = async (authorization: string | undefined, says: string, challenge: RegExp) => {
    const headers = authorization === undefined ? {} : { authorization };
    const check = (answer: Answer) => {
      expect(answer.headers["www-authenticate"]).to.match(challenge);
      return answer;
    };
    expectError(check(await client.get(configurations, { headers })), 401, {
      code: "InvalidAuthenticationToken",
      says,
    });
    await expectRefused(graph, async () => check(await client.post(configurations, root, { headers })), 401);
    await expectRefused(graph, async () => check(await client.delete(`${configurations}/nothing`, { headers })), 401);
  };
  const invalid = /^Bearer realm="odatum", error="invalid_token", error_description="[^"]+"$/;

  it("a token that is right is let in", async () => {
    expect((await client.get(configurations, { token: await sign({}) })).status).to.equal(200);
  });

  it("no token: 401 with a bare challenge", () =>
    unauthorized(undefined, "no access token", /^Bearer realm="odatum"$/));
  for (const [what, header] of Object.entries({
    "an empty token": "Bearer ",
    "no scheme": "abc",
    Basic: "Basic dXNlcjpwYXNz",
    garbage: "Bearer garbage",
    "three garbage parts": "Bearer a.b.c",
    "four parts": "Bearer a.b.c.d",
    "two tokens": "Bearer a.b.c, Bearer a.b.c",
    "NUL-like escapes": "Bearer %00.%00.%00",
    quotes: 'Bearer "a.b.c"',
    "a long token": `Bearer ${"a".repeat(10_000)}.b.c`,
    JSON: 'Bearer {"alg":"none"}',
  })) {
    it(`${what}: 401`, () => unauthorized(header, "", /^Bearer realm="odatum", error="invalid_token"/));
  }

  it("alg none: 401", async () => {
    const payload = base64({ iss: issuer.issuer, aud: issuer.audience, scp: writeScope, exp: 9_999_999_999 });
    for (const alg of ["none", "None", "NONE", "nOnE"])
      await unauthorized(`Bearer ${base64({ alg, typ: "JWT", kid })}.${payload}.`, "algorithm", invalid);
    await unauthorized(`Bearer ${base64({ alg: "none" })}.${payload}.${"a".repeat(86)}`, "algorithm", invalid);
  });

  it("HS256 signed with the public key: 401", async () => {
    const secret = Buffer.from(JSON.stringify(issuer.jwks().keys[0]));
    await unauthorized(`Bearer ${await sign({}, { alg: "HS256", key: secret })}`, "algorithm", invalid);
  });

  it("a bad signature: 401", async () => {
    const token = await sign({});
    const [header, payload, signature] = token.split(".");
    const flipped = `${signature!.slice(0, 10)}${signature![10] === "A" ? "B" : "A"}${signature!.slice(11)}`;
    await unauthorized(`Bearer ${header}.${payload}.${flipped}`, "signature", invalid);
    await unauthorized(`Bearer ${header}.${payload}.`, "", invalid);
  });

  it("a changed payload: 401", async () => {
    const [header, , signature] = (await sign({ scp: readScope })).split(".");
    const payload = base64({ iss: issuer.issuer, aud: issuer.audience, scp: writeScope, exp: 9_999_999_999 });
    await unauthorized(`Bearer ${header}.${payload}.${signature}`, "signature", invalid);
  });

  it("another's key under the same kid: 401", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await unauthorized(`Bearer ${await sign({}, { key: privateKey })}`, "signature", invalid);
  });

  it("a kid that nobody published: 401", async () => {
    await unauthorized(`Bearer ${await sign({}, { kid: "other" })}`, "kid", invalid);
    await unauthorized(`Bearer ${await sign({}, { kid: "../../etc/passwd" })}`, "kid", invalid);
  });

  it("expired: 401 that says when", async () =>
    unauthorized(`Bearer ${await sign({ exp: 1_600_000_000 })}`, "expired at 2020-09-13", invalid));
  it("not valid yet: 401", async () =>
    unauthorized(`Bearer ${await sign({ nbf: Math.floor(Date.now() / 1000) + 3_600 })}`, "not valid before", invalid));
  it("without an expiry: 401", async () => unauthorized(`Bearer ${await sign({ exp: undefined })}`, "'exp'", invalid));
  it("for another audience: 401 that says for whom", async () =>
    unauthorized(`Bearer ${await sign({ aud: "https://example.com" })}`, "https://example.com", invalid));
  it("without an audience: 401", async () => unauthorized(`Bearer ${await sign({ aud: undefined })}`, "aud", invalid));
  it("of another issuer: 401", async () =>
    unauthorized(`Bearer ${await sign({ iss: "https://evil.example.com" })}`, "https://evil.example.com", invalid));
  it("claims with quotes and line ends do not break the header", async () =>
    unauthorized(`Bearer ${await sign({ aud: 'a"\r\nx: y' })}`, "audience", invalid));

  describe("scopes", () => {
    const forbidden = (answer: Answer) => {
      expect(answer.headers["www-authenticate"]).to.match(
        /^Bearer realm="odatum", error="insufficient_scope", scope="[^"]+"$/,
      );
      return answer;
    };
    for (const [what, payload] of Object.entries({
      "no scope": { scp: "" },
      "no claim": { scp: undefined },
      "another scope": { scp: "User.Read" },
      "a scope in other case": { scp: writeScope.toLowerCase() },
      "a scope as a part of another": { scp: `x${writeScope} ${writeScope}x` },
      "scopes as an array": { scp: [writeScope] },
    })) {
      it(`${what}: 403 for reads and writes`, async () => {
        const token = await sign(payload);
        expectError(forbidden(await client.get(configurations, { token })), 403, {
          code: "Authorization_RequestDenied",
          says: readScope,
        });
        await expectRefused(graph, async () => forbidden(await client.post(configurations, root, { token })), 403, {
          says: writeScope,
        });
      });
    }

    it("Read.All reads, and may not write", async () => {
      const token = await issuer.issueToken({ scopes: [readScope] });
      expect((await client.get(configurations, { token })).status).to.equal(200);
      expect((await client.call("HEAD", configurations, { token })).status).to.equal(200);
      for (const call of [
        () => client.post(configurations, root, { token }),
        () => client.patch("/deviceManagement", {}, { token }),
        () => client.delete(`${configurations}/x`, { token }),
        () => client.put(`${configurations}/x/rootCertificate/$ref`, {}, { token }),
        () => client.call("MERGE", configurations, { token }),
      ]) {
        await expectRefused(graph, async () => forbidden(await call()), 403);
      }
    });

    it("Read.All may ask what can be done", async () => {
      const token = await issuer.issueToken({ scopes: [readScope] });
      expect((await client.call("OPTIONS", configurations, { token })).status).to.equal(204);
    });

    it("Read.All may read in a batch, and not write in one", async () => {
      const token = await issuer.issueToken({ scopes: [readScope] });
      const headers = { "content-type": "application/json" };
      const requests = [
        { id: "1", method: "POST", url: configurations, headers, body: root },
        { id: "2", method: "GET", url: `${configurations}/$count` },
      ];
      const before = (await client.get(`${configurations}/$count`, { token })).text;
      const answer = await client.post("/$batch", { requests }, { token, headers: { prefer: "continue-on-error" } });
      const { responses } = answer.json as { responses: { id: string; status: number; body: unknown }[] };
      expect(responses.map(({ id, status }) => [id, status])).to.deep.equal([
        ["1", 403],
        ["2", 200],
      ]);
      expect(String(responses[1]!.body)).to.equal(before);
    });

    it("Read.All may not write by way of a method override or a malformed path", async () => {
      const token = await issuer.issueToken({ scopes: [readScope] });
      await expectRefused(graph, () => client.post(`//${configurations}`, root, { token }), 403);
      await expectRefused(graph, () => client.post(`${configurations}?$metadata`, root, { token }), 403);
    });

    it("ReadWrite.All reads and writes, as a scope and as a role", async () => {
      for (const asRoles of [false, true]) {
        const token = await issuer.issueToken({ scopes: [writeScope], asRoles });
        expect((await client.get(configurations, { token })).status).to.equal(200);
        expect((await client.post(configurations, root, { token })).status).to.equal(201);
      }
    });
  });

  describe("without a token", () => {
    for (const path of ["/", "", "/$metadata", "/?$format=json", "/$metadata?$format=json", "//"]) {
      it(`GET ${path} is answered`, async () => {
        expect((await client.get(path)).status).to.equal(200);
      });
    }
    for (const path of [
      "/$metadata/../deviceManagement",
      "/$metadata/deviceManagement",
      "/%24metadata",
      "/deviceManagement?$metadata",
      "/deviceManagement?/$metadata",
      "/;/$metadata",
      "/.//deviceManagement",
      "/deviceManagement/$metadata",
      "/$batch",
    ]) {
      it(`GET ${path} needs one: 401`, async () => {
        expectError(await client.get(path), 401);
      });
    }
    for (const method of ["POST", "PATCH", "PUT", "DELETE"]) {
      it(`${method} of the service document needs one: 401`, async () => {
        expectError(await client.call(method, "/", { body: {} }), 401);
        expectError(await client.call(method, "/$metadata", { body: {} }), 401);
      });
    }
    it("a bad body is not even looked at: 401", async () => {
      expectError(await client.post(configurations, "{"), 401);
      expectError(await client.post(configurations, "x".repeat(5_000_000)), 401);
    });
    it("what is there cannot be told from what is not: 401 for both", async () => {
      expectError(await client.get("/nothing"), 401);
      expectError(await client.get(`${configurations}/nothing`), 401);
    });
  });
});
