import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT, exportJWK, generateKeyPair, importJWK } from "jose";
import type { JWK, JWTPayload } from "jose";
import { ODataError } from "../../../src/errors/index.js";
import { createDevIssuer } from "../../../src/http/index.js";
import type { DevIssuer } from "../../../src/http/index.js";
import { call, fakeService, json, servers } from "../support.js";

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = (): number => Math.floor(Date.now() / 1000);

describe("token verification", () => {
  let directory: string;
  let issuer: DevIssuer;
  let stored: { kid: string; privateKey: JWK };
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "odatum-"));
    const keyFile = join(directory, "key.json");
    issuer = createDevIssuer({ scopes: ["Read", "Write"], keyFile });
    stored = JSON.parse(readFileSync(keyFile, "utf8")) as typeof stored;
  });
  after(() => rmSync(directory, { recursive: true }));

  /** A token signed with the issuer's own key; claims and header as given over good ones. */
  async function sign(claims: Record<string, unknown> = {}, header: object = {}): Promise<string> {
    const good = { iss: issuer.issuer, aud: issuer.audience, sub: "me", exp: now() + 60, scp: "Read" };
    return new SignJWT({ ...good, ...claims } as JWTPayload)
      .setProtectedHeader({ alg: "ES256", kid: stored.kid, ...header })
      .sign(await importJWK(stored.privateKey, "ES256"));
  }

  async function refusal(header: string | undefined): Promise<ODataError> {
    try {
      await issuer.authenticate(header);
    } catch (error) {
      expect(error).to.be.instanceOf(ODataError);
      return error as ODataError;
    }
    throw new Error("The token was accepted.");
  }

  async function expectInvalid(header: string, message: RegExp): Promise<void> {
    const error = await refusal(header);
    expect([error.status, error.code]).to.deep.equal([401, "InvalidAuthenticationToken"]);
    expect(error.message).to.match(message);
    expect(error.headers["www-authenticate"]).to.match(
      /^Bearer realm="odatum", error="invalid_token", error_description="[^"\\]+"$/,
    );
  }

  it("accepts a good one, and says who and what", async () => {
    const exp = now() + 60;
    const principal = await issuer.authenticate(
      `Bearer ${await sign({ exp, scp: "Read  Write", roles: ["Admin", 5] })}`,
    );
    expect(principal.subject).to.equal("me");
    expect([...principal.scopes]).to.deep.equal(["Read", "Write", "Admin"]);
    expect(principal.expiresAt).to.equal(exp * 1000);
  });

  it("accepts the scheme in any case", async () => {
    expect(await issuer.authenticate(`bearer ${await sign()}`)).to.have.property("subject", "me");
  });

  it("answers at once for a token it knows", async () => {
    const header = `Bearer ${await sign()}`;
    const first = issuer.authenticate(header);
    expect(first).to.be.instanceOf(Promise);
    expect(issuer.authenticate(header)).to.be.instanceOf(Promise);
    const principal = await first;
    expect(issuer.authenticate(header)).to.equal(principal);
  });

  it("misses a token", async () => {
    for (const header of [undefined, ""]) {
      const error = await refusal(header);
      expect([error.status, error.code]).to.deep.equal([401, "InvalidAuthenticationToken"]);
      expect(error.message).to.match(/no access token/);
      // RFC 6750, section 3.1: no error code where no token was sent.
      expect(error.headers["www-authenticate"]).to.equal('Bearer realm="odatum"');
    }
  });

  it("knows no other scheme", async () => {
    await expectInvalid("Basic abc", /not a Bearer token/);
    await expectInvalid(await sign(), /not a Bearer token/);
  });

  it("refuses what is malformed", async () => {
    const good = await sign();
    for (const token of [
      "",
      "abc",
      "a.b",
      "a.b.c",
      "a.b.c.d",
      "a b",
      `${good} x`,
      `${good}.x`,
      `e30.${good}`,
      "é.é.é",
    ]) {
      await expectInvalid(`Bearer ${token}`, /malformed|algorithm 'nothing'/);
    }
    const [head, , signature] = good.split(".");
    await expectInvalid(`Bearer ${String(head)}.!.${String(signature)}`, /malformed/);
  });

  it("refuses alg none and every algorithm that is not its own", async () => {
    const payload = base64({ iss: issuer.issuer, aud: issuer.audience, exp: now() + 60, roles: ["Read"] });
    for (const alg of ["none", "None", "HS256", "RS256", 'x"\r\n', 5, undefined]) {
      const head = base64({ alg, kid: stored.kid });
      await expectInvalid(`Bearer ${head}.${payload}.`, /algorithm '[^"\r\n]+'\. Accepted: ES256|malformed/);
      await expectInvalid(`Bearer ${head}.${payload}.AAAA`, /algorithm '[^"\r\n]+'\. Accepted: ES256/);
    }
  });

  it("refuses its public key as a shared secret", async () => {
    const secret = Buffer.from(JSON.stringify(issuer.jwks().keys[0]));
    const token = await new SignJWT({ iss: issuer.issuer, aud: issuer.audience, exp: now() + 60 })
      .setProtectedHeader({ alg: "HS256", kid: stored.kid })
      .sign(secret);
    await expectInvalid(`Bearer ${token}`, /algorithm 'HS256'/);
  });

  it("refuses another's signature, and a changed payload", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const forged = (header: object): Promise<string> =>
      new SignJWT({ iss: issuer.issuer, aud: issuer.audience, exp: now() + 60 })
        .setProtectedHeader({ alg: "ES256", ...header })
        .sign(privateKey);
    await expectInvalid(`Bearer ${await forged({ kid: stored.kid })}`, /signature .* is wrong/);
    await expectInvalid(`Bearer ${await forged({ kid: "other" })}`, /key \(kid\)/);
    await expectInvalid(`Bearer ${await forged({})}`, /key \(kid\)/);
    // A key that comes with the token proves nothing.
    await expectInvalid(`Bearer ${await forged({ kid: stored.kid, jwk: await exportJWK(publicKey) })}`, /signature/);
    const [head, , signature] = (await sign()).split(".");
    const payload = base64({ iss: issuer.issuer, aud: issuer.audience, exp: now() + 9999, scp: "Write" });
    await expectInvalid(`Bearer ${String(head)}.${payload}.${String(signature)}`, /signature .* is wrong/);
  });

  it("refuses one out of its time, with a minute of tolerance", async () => {
    await expectInvalid(`Bearer ${await sign({ exp: now() - 70 })}`, /has expired at \d{4}-.*Z/);
    await expectInvalid(`Bearer ${await sign({ nbf: now() + 90 })}`, /not valid before \d{4}-/);
    await expectInvalid(`Bearer ${await sign({ exp: undefined })}`, /no claim 'exp'/);
    await issuer.authenticate(`Bearer ${await sign({ exp: now() - 30 })}`);
    await issuer.authenticate(`Bearer ${await sign({ nbf: now() + 30 })}`);
  });

  it("does not answer for one from memory that has ended meanwhile", async () => {
    const header = `Bearer ${await sign({ exp: now() - 30 })}`;
    await issuer.authenticate(header);
    expect(issuer.authenticate(header)).to.be.instanceOf(Promise);
  });

  it("refuses one for others or from others", async () => {
    await expectInvalid(
      `Bearer ${await sign({ aud: "https://other" })}`,
      /audience 'https:\/\/other', not for 'https:\/\/graph/,
    );
    await expectInvalid(`Bearer ${await sign({ aud: undefined })}`, /no claim 'aud'/);
    await expectInvalid(`Bearer ${await sign({ iss: 'a"b\n\u00e9' })}`, /issuer 'a\?b\?\?', not from/);
    await issuer.authenticate(`Bearer ${await sign({ aud: ["https://other", issuer.audience] })}`);
  });

  describe("in front of a service", () => {
    const { start, stop } = servers();
    afterEach(stop);
    const access = {
      anonymous: (_method: string, url: string): boolean => url.startsWith("/$metadata"),
      scopes: (method: string): readonly string[] => (method === "GET" ? ["Read", "Write"] : ["Write"]),
    };

    it("wants a token, but not for what is open to all", async () => {
      const service = fakeService(undefined, { access });
      const { url } = await start({ authenticator: issuer, services: [service] });
      expect((await call(`${url}/beta/$metadata`)).status).to.equal(200);
      const answer = await call(`${url}/beta/x`);
      expect([answer.status, answer.json.error.code]).to.deep.equal([401, "InvalidAuthenticationToken"]);
      expect(answer.headers["www-authenticate"]).to.equal('Bearer realm="odatum"');
      expect(answer.headers["odata-version"]).to.equal("4.01");
      expect(service.seen).to.have.length(1);
    });

    it("lets the scopes decide", async () => {
      const { url } = await start({ authenticator: issuer, services: [fakeService(undefined, { access })] });
      const read = { authorization: `Bearer ${await issuer.issueToken({ scopes: ["Read"] })}` };
      const write = { authorization: `Bearer ${await issuer.issueToken({ scopes: ["Write"], asRoles: true })}` };
      for (let i = 0; i < 2; i++) {
        expect((await call(`${url}/beta/x`, { headers: read })).status).to.equal(200);
        expect((await call(`${url}/beta/x`, { headers: write, method: "POST", body: "x" })).status).to.equal(200);
        const answer = await call(`${url}/beta/x`, { headers: read, method: "POST", body: "x" });
        expect([answer.status, answer.json.error.code]).to.deep.equal([403, "Authorization_RequestDenied"]);
        expect(answer.json.error.message).to.contain("'Write'");
        expect(answer.headers["www-authenticate"]).to.equal(
          'Bearer realm="odatum", error="insufficient_scope", scope="Write"',
        );
      }
    });

    it("asks for any valid token where there is no rule", async () => {
      const { url } = await start({ authenticator: issuer });
      expect((await call(`${url}/beta/x`)).status).to.equal(401);
      const authorization = `Bearer ${await issuer.issueToken({ scopes: [] })}`;
      expect((await call(`${url}/beta/x`, { headers: { authorization } })).status).to.equal(200);
    });

    it("lets the service ask for the parts of a batch", async () => {
      const service = fakeService(
        (_request, context) => {
          context.authorize("GET", "/x");
          context.authorize("GET", "/$metadata");
          expect(context.principal?.subject).to.equal("me");
          expect(() => context.authorize("POST", "/x")).to.throw(/'Write'/);
          return json("fine");
        },
        { access: { ...access, scopes: (method, url) => (url === "/$batch" ? [] : access.scopes(method)) } },
      );
      const { url } = await start({ authenticator: issuer, services: [service] });
      const authorization = `Bearer ${await sign()}`;
      const answer = await call(`${url}/beta/$batch`, { method: "POST", body: "{}", headers: { authorization } });
      expect(answer.json).to.equal("fine");
    });

    it("has nothing to ask without an authenticator", async () => {
      const service = fakeService((_request, context) => {
        context.authorize("POST", "/x");
        return json(context.principal === undefined);
      });
      const { url } = await start({ services: [{ ...service, access }] });
      expect((await call(`${url}/beta/x`, { method: "DELETE" })).json).to.equal(true);
    });
  });
});
