import { expect } from "chai";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { createDevIssuer, createJwtAuthenticator } from "../../../src/http/index.js";
import { call, fakeService, servers } from "../support.js";
import type { Answer } from "../support.js";

const SCOPES = ["Things.Read", "Things.ReadWrite"];

describe("createDevIssuer", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "odatum-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it("issues tokens that say what was asked for", async () => {
    const issuer = createDevIssuer({ scopes: SCOPES });
    const token = await issuer.issueToken({ scopes: SCOPES, subject: "me", lifetimeSeconds: 60 });
    const claims = decodeJwt(token);
    expect(claims).to.include({
      iss: "https://sts.odatum.local/odatum/v2.0",
      aud: "https://graph.microsoft.com",
      sub: "me",
      scp: SCOPES.join(" "),
      tid: "odatum",
    });
    expect((claims.exp as number) - (claims.iat as number)).to.equal(60);
    expect(decodeProtectedHeader(token)).to.include({ alg: "ES256", kid: issuer.jwks().keys[0]?.kid });
    const roles = decodeJwt(await issuer.issueToken({ scopes: SCOPES, asRoles: true }));
    expect(roles).to.deep.include({ roles: SCOPES });
    expect(roles).not.to.have.property("scp");
  });

  it("grants nothing it was not made for", async () => {
    const issuer = createDevIssuer({ scopes: SCOPES });
    for (const request of [
      { scopes: ["Other"] },
      { scopes: [], lifetimeSeconds: 0 },
      { scopes: [], lifetimeSeconds: 1.5 },
    ]) {
      const error = await issuer.issueToken(request).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(RangeError);
    }
    expect(() => createDevIssuer({ scopes: ["a b"] })).to.throw(RangeError);
    expect(() => createDevIssuer({ scopes: [], tenant: "a/b" })).to.throw(RangeError);
  });

  it("publishes its public key only", () => {
    const [key] = createDevIssuer({ scopes: SCOPES }).jwks().keys;
    expect(key).to.have.all.keys("kty", "crv", "x", "y", "kid", "alg", "use");
  });

  it("keeps its key in a file for its owner alone", async () => {
    const keyFile = join(directory, "key.json");
    const first = createDevIssuer({ scopes: SCOPES, keyFile });
    expect(statSync(keyFile).mode & 0o777).to.equal(0o600);
    expect(readdirSync(directory)).to.deep.equal(["key.json"]);
    const text = readFileSync(keyFile, "utf8");
    const second = createDevIssuer({ scopes: SCOPES, keyFile });
    expect(readFileSync(keyFile, "utf8")).to.equal(text);
    const token = await first.issueToken({ scopes: SCOPES });
    expect(await second.authenticate(`Bearer ${token}`)).to.have.property("subject", "odatum-dev");
    const stranger = createDevIssuer({ scopes: SCOPES });
    const error = await Promise.resolve(stranger.authenticate(`Bearer ${token}`)).catch((thrown: Error) => thrown);
    expect(error).to.have.property("status", 401);
  });

  it("says what is wrong with its key file, and leaves it alone", () => {
    const keyFile = join(directory, "key.json");
    const good = createDevIssuer({ scopes: SCOPES, keyFile }) && readFileSync(keyFile, "utf8");
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      '{"kid":"a","alg":"ES256","privateKey":{}}',
      good.replace('"d"', '"e"'),
      good.replace("ES256", "none"),
    ]) {
      writeFileSync(keyFile, text);
      expect(() => createDevIssuer({ scopes: SCOPES, keyFile }), text).to.throw(
        /key\.json' does not hold a signing key/,
      );
      expect(readFileSync(keyFile, "utf8")).to.equal(text);
    }
    const folder = join(directory, "folder");
    mkdirSync(folder);
    expect(() => createDevIssuer({ scopes: SCOPES, keyFile: folder })).to.throw(/cannot be read/);
    expect(() => createDevIssuer({ scopes: SCOPES, keyFile: join(directory, "no", "key") })).to.throw(
      /cannot be written/,
    );
  });
});

describe("token routes", () => {
  const { start, stop } = servers();
  afterEach(stop);
  const issuer = createDevIssuer({ scopes: SCOPES });
  const good = {
    grant_type: "client_credentials",
    client_id: "app",
    client_secret: "x",
    scope: `${issuer.audience}/.default`,
  };

  let url: string;
  beforeEach(async () => {
    ({ url } = await start({ tokenIssuer: issuer, authenticator: issuer, services: [fakeService()] }));
  });

  function post(form: Record<string, string> | string, headers: Record<string, string> = {}): Promise<Answer> {
    return call(`${url}/odatum/oauth2/v2.0/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      body: typeof form === "string" ? form : new URLSearchParams(form).toString(),
    });
  }

  it("gives a token that the service accepts", async () => {
    const answer = await post(good);
    expect(answer.status).to.equal(200);
    expect(answer.headers).to.include({ "cache-control": "no-store", pragma: "no-cache" });
    expect(answer.headers["content-type"]).to.match(/^application\/json/);
    const { access_token, ...rest } = answer.json;
    expect(rest).to.deep.equal({ token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599 });
    expect(decodeJwt(access_token)).to.deep.include({ sub: "app", azp: "app", roles: SCOPES });
    const headers = { authorization: `Bearer ${access_token as string}` };
    expect((await call(`${url}/beta/x`, { headers })).status).to.equal(200);
  });

  it("gives what is named, bare or with the resource", async () => {
    for (const scope of ["Things.Read", `${issuer.audience}/Things.Read`, "Things.Read  Things.Read"]) {
      const { json } = await post({ ...good, scope });
      expect(decodeJwt(json.access_token)).to.deep.include({ roles: ["Things.Read"] });
    }
  });

  it("takes the client by HTTP Basic", async () => {
    const { client_id: _id, client_secret: _secret, ...form } = good;
    const basic = (text: string): Record<string, string> => ({
      authorization: `Basic ${Buffer.from(text).toString("base64")}`,
    });
    expect(decodeJwt((await post(form, basic("my%20app:s%3Acret"))).json.access_token).sub).to.equal("my app");
    expect((await post({ ...form, client_id: "app" }, basic("app:x"))).status).to.equal(200);
    expect((await post(good, basic("app:x"))).json.error).to.equal("invalid_request");
    expect((await post({ ...form, client_id: "b" }, basic("app:x"))).json.error).to.equal("invalid_request");
    for (const wrong of ["app:", ":x", "app", "%:x"]) {
      const answer = await post(form, basic(wrong));
      expect([answer.status, answer.json.error]).to.deep.equal([401, "invalid_client"]);
      expect(answer.headers["www-authenticate"]).to.match(/^Basic realm=/);
    }
  });

  it("refuses as RFC 6749 says", async () => {
    const cases: [Record<string, string> | string, number, string][] = [
      [{ ...good, grant_type: "password" }, 400, "unsupported_grant_type"],
      [{ ...good, grant_type: "" }, 400, "invalid_request"],
      [{ ...good, client_secret: "" }, 401, "invalid_client"],
      [{ ...good, client_id: "" }, 401, "invalid_client"],
      [{ ...good, client_id: "x".repeat(257) }, 401, "invalid_client"],
      [{ ...good, client_id: "a\nb" }, 401, "invalid_client"],
      [{ ...good, scope: "" }, 400, "invalid_scope"],
      [{ ...good, scope: " " }, 400, "invalid_scope"],
      [{ ...good, scope: "Other" }, 400, "invalid_scope"],
      [{ ...good, scope: "https://other/.default" }, 400, "invalid_scope"],
      [`${new URLSearchParams(good).toString()}&scope=Things.Read`, 400, "invalid_request"],
      ["", 400, "invalid_request"],
    ];
    for (const [form, status, error] of cases) {
      const answer = await post(form);
      expect([answer.status, answer.json.error], JSON.stringify(form)).to.deep.equal([status, error]);
      // RFC 6749, section 5.2: what a description may be made of.
      expect(answer.json.error_description).to.match(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      expect(answer.headers["cache-control"]).to.equal("no-store");
    }
    expect((await post("{}", { "content-type": "application/json" })).json.error).to.equal("invalid_request");
    expect((await call(`${url}/a%20b/oauth2/v2.0/token`, { method: "POST" })).json.error_description).to.contain(
      "tenant",
    );
    const get = await call(`${url}/odatum/oauth2/v2.0/token`);
    expect([get.status, get.headers["allow"]]).to.deep.equal([405, "POST"]);
  });

  it("answers for every tenant", async () => {
    for (const tenant of ["common", "contoso.onmicrosoft.com", "561d26c5-26c5-561d-c526-1d56c5261d56"]) {
      const { json } = await call(`${url}/${tenant}/v2.0/.well-known/openid-configuration`);
      expect(json.token_endpoint).to.equal(`${url}/${tenant}/oauth2/v2.0/token`);
      const answer = await call(json.token_endpoint as string, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(good).toString(),
      });
      expect(answer.status).to.equal(200);
      expect((await call(`${url}/${tenant}/discovery/v2.0/keys`)).json).to.deep.equal(issuer.jwks());
    }
  });

  it("bounds the request", async () => {
    const large = await post(`${new URLSearchParams(good).toString()}&x=${"y".repeat(20_000)}`);
    expect([large.status, large.json.error]).to.deep.equal([413, "invalid_request"]);
    const zipped = await post(good, { "content-encoding": "gzip" });
    expect([zipped.status, zipped.json.error]).to.deep.equal([415, "invalid_request"]);
    for (let i = 0; i < 3; i++) {
      const endless = await post("x".repeat(20_000_000));
      expect([endless.status, endless.headers.connection]).to.deep.equal([413, "close"]);
    }
  });

  it("serves configuration and keys for the host that was asked", async () => {
    for (const path of ["/.well-known/openid-configuration", "/odatum/v2.0/.well-known/openid-configuration"]) {
      const { json } = await call(`${url}${path}`, { headers: { host: "dev.example:99" } });
      expect(json).to.include({
        issuer: "https://sts.odatum.local/odatum/v2.0",
        token_endpoint: "http://dev.example:99/odatum/oauth2/v2.0/token",
        jwks_uri: "http://dev.example:99/odatum/discovery/v2.0/keys",
      });
    }
    expect((await call(`${url}/odatum/discovery/v2.0/keys`)).json).to.deep.equal(issuer.jwks());
    expect((await call(`${url}/a%20b/discovery/v2.0/keys`)).status).to.equal(400);
  });

  it("can be the issuer of another server", async () => {
    const other = createJwtAuthenticator({
      issuer: issuer.issuer,
      audience: issuer.audience,
      jwksUri: `${url}/odatum/discovery/v2.0/keys`,
    });
    const { json } = await post(good);
    expect(await other.authenticate(`Bearer ${json.access_token as string}`)).to.have.property("subject", "app");
  });
});
