import { expect } from "chai";
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import type { GenerateKeyPairResult, JWK } from "jose";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ODataError } from "../../../src/errors/index.js";
import { createJwtAuthenticator } from "../../../src/http/index.js";
import type { Authenticator } from "../../../src/http/index.js";

describe("createJwtAuthenticator", () => {
  const running: Server[] = [];
  let privateKey: GenerateKeyPairResult["privateKey"];
  let jwk: JWK;
  before(async () => {
    const pair = await generateKeyPair("RS256");
    privateKey = pair.privateKey;
    jwk = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "RS256", use: "sig" };
  });
  afterEach(async () => {
    for (const server of running.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  async function issuerAt(listener: (url: string) => RequestListener): Promise<string> {
    const server = createServer((req, res) => listener(url)(req, res));
    running.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    return url;
  }

  /** An issuer that serves documents by path. */
  function documents(make: (url: string) => Record<string, unknown>, asked: string[] = []): Promise<string> {
    return issuerAt((url) => (req, res) => {
      asked.push(req.url as string);
      const found = make(url)[req.url as string];
      res.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
      res.end(JSON.stringify(found ?? {}));
    });
  }

  const token = (issuer: string, kid = "one"): Promise<string> =>
    new SignJWT({ scp: "Read" })
      .setProtectedHeader({ alg: "RS256", kid })
      .setIssuer(issuer)
      .setAudience("api")
      .setSubject("me")
      .setExpirationTime("1m")
      .sign(privateKey);

  async function refusal(authenticator: Authenticator, text: string): Promise<ODataError> {
    try {
      await authenticator.authenticate(`Bearer ${text}`);
    } catch (error) {
      return error as ODataError;
    }
    throw new Error("The token was accepted.");
  }

  const good = (url: string): Record<string, unknown> => ({
    "/.well-known/openid-configuration": { issuer: url, jwks_uri: `${url}/keys` },
    "/keys": { keys: [jwk] },
  });

  it("finds the keys through the configuration, once", async () => {
    const asked: string[] = [];
    const issuer = await documents(good, asked);
    const authenticator = createJwtAuthenticator({ issuer, audience: ["other", "api"] });
    const principals = await Promise.all(
      Array.from({ length: 5 }, async () => authenticator.authenticate(`Bearer ${await token(issuer)}`)),
    );
    expect(principals.map(({ subject }) => subject)).to.deep.equal(Array(5).fill("me"));
    expect(asked).to.deep.equal(["/.well-known/openid-configuration", "/keys"]);
  });

  it("takes the keys from jwksUri, whatever the issuer's name", async () => {
    const url = await documents(good);
    const authenticator = createJwtAuthenticator({ issuer: "urn:me", audience: "api", jwksUri: `${url}/keys` });
    expect((await authenticator.authenticate(`Bearer ${await token("urn:me")}`)).scopes).to.include("Read");
  });

  it("refuses an unknown key and another audience", async () => {
    const issuer = await documents(good);
    const authenticator = createJwtAuthenticator({ issuer, audience: "api" });
    const unknown = await refusal(authenticator, await token(issuer, "two"));
    expect([unknown.status, unknown.message]).to.deep.equal([
      401,
      "The access token is signed with a key (kid) that its issuer does not publish.",
    ]);
    const strict = createJwtAuthenticator({ issuer, audience: "mine" });
    expect((await refusal(strict, await token(issuer))).message).to.match(/audience 'api', not for 'mine'/);
  });

  it("is unavailable, and never open, without the issuer; and recovers", async () => {
    let up = false;
    const issuer = await issuerAt((url) => (req, res) => {
      const found = up ? good(url)[req.url as string] : undefined;
      res.writeHead(found === undefined ? 500 : 200).end(JSON.stringify(found ?? {}));
    });
    const authenticator = createJwtAuthenticator({ issuer, audience: "api" });
    const error = await refusal(authenticator, await token(issuer));
    expect([error.status, error.code, error.headers["retry-after"]]).to.deep.equal([503, "ServiceUnavailable", "5"]);
    expect(error.message).to.match(/OpenID configuration .* cannot be fetched/);
    up = true;
    expect(await authenticator.authenticate(`Bearer ${await token(issuer)}`)).to.have.property("subject", "me");
  });

  it("is unavailable where nobody listens, or the keys are no keys", async () => {
    const gone = createJwtAuthenticator({ issuer: "http://127.0.0.1:1", audience: "api" });
    expect(await refusal(gone, await token("http://127.0.0.1:1"))).to.have.property("status", 503);
    const url = await documents(() => ({ "/keys": { none: true } }));
    for (const path of ["/keys", "/nothing"]) {
      const broken = createJwtAuthenticator({ issuer: url, audience: "api", jwksUri: `${url}${path}` });
      const error = await refusal(broken, await token(url));
      expect([error.status, error.message]).to.deep.equal([
        503,
        "The keys of the token issuer cannot be fetched at the moment.",
      ]);
    }
  });

  it("does not trust a configuration that names another issuer or no keys", async () => {
    for (const document of [{ issuer: "https://other", jwks_uri: "https://other/keys" }, null, "x"]) {
      const issuer = await documents(() => ({ "/.well-known/openid-configuration": document }));
      const error = await refusal(createJwtAuthenticator({ issuer, audience: "api" }), await token(issuer));
      expect(error.status).to.equal(503);
    }
    const issuer = await documents((url) => ({
      "/.well-known/openid-configuration": { issuer: url, jwks_uri: "file:///x" },
    }));
    const error = await refusal(createJwtAuthenticator({ issuer, audience: "api" }), await token(issuer));
    expect(error.message).to.match(/names no keys/);
  });

  it("takes no options that make no sense", () => {
    expect(() => createJwtAuthenticator({ issuer: "me", audience: "api" })).to.throw(TypeError, /issuer/);
    expect(() => createJwtAuthenticator({ issuer: "me", audience: "api", jwksUri: "file:///x" })).to.throw(
      TypeError,
      /jwksUri/,
    );
    expect(() => createJwtAuthenticator({ issuer: "http://a", audience: "api", algorithms: ["HS256"] })).to.throw(
      /HS256/,
    );
  });
});
