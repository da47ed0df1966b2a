import { expect } from "chai";
import type { Answer } from "../support/client.js";
import { configurations, expectError, readOnlyGraph } from "./support.js";

describe("bad URLs", () => {
  const server = readOnlyGraph();
  const get = (path: string) => server().get(path);

  describe("paths", () => {
    describe("of names", () => {
      for (const [path, status, target, says] of [
        ["/deviceManagment", 404, "deviceManagment", "Did you mean 'deviceManagement'?"],
        ["/DeviceManagement", 404, "DeviceManagement", "Did you mean 'deviceManagement'?"],
        ["/nothing-at-all", 404, "nothing-at-all", "no entity set"],
        ["/$nothing", 404, "$nothing", "There is no resource named '$nothing'"],
        ["/$metdata", 404, "$metdata", "Did you mean '$metadata'?"],
        ["/__proto__", 404, "__proto__", "no entity set"],
        ["/constructor", 404, "constructor", "no entity set"],
        ["/toString", 404, "toString", "no entity set"],
        [`${configurations}/{id}/displyName`, 404, "displyName", "Did you mean 'displayName'"],
        [`${configurations}/{id}/assignment`, 404, "assignment", "Did you mean 'assignments'"],
        [`${configurations}/{id}/__proto__`, 404, "__proto__", "has no property"],
        [`${configurations}/{id}/constructor`, 404, "constructor", "has no property"],
        [`${configurations}/{id}/hasOwnProperty`, 404, "hasOwnProperty", "has no property"],
        [`${configurations}/{id}/displayName/length`, 404, "length", "Nothing can follow 'displayName'"],
        [`${configurations}/{id}/displayName/$count`, 404, "$count", "Nothing can follow 'displayName'"],
        [`${configurations}/{id}/displayName/0`, 404, "0", "Nothing can follow 'displayName'"],
        [`${configurations}/{id}/displayName/$value/x`, 400, undefined, "nothing can follow $value, but 'x' does"],
        [
          `${configurations}/{id}/displayName/$value/$count`,
          400,
          undefined,
          "nothing can follow $value, but '$count' does",
        ],
        [`${configurations}/{id}/{id}`, 404, undefined, "has no property"],
        [`${configurations}/{id}/$nothing`, 404, "$nothing", "no path segment named '$nothing'"],
        [`${configurations}/{id}/$count`, 404, "$count", "no meaning behind a single entity"],
        [`${configurations}/{id}/$value`, 400, "$value", "no meaning behind a single entity"],
        [`${configurations}/{id}/$filter(true)`, 404, "$filter(true)", "no meaning behind a single entity"],
        [`${configurations}/$value`, 404, "$value", "no meaning behind a collection"],
        [`${configurations}/$counts`, 404, "$counts", "Did you mean '$count'"],
        [`${configurations}/$each`, 501, "$each", "requests that change the members of a collection"],
        [`${configurations}/$count/x`, 400, undefined, ["at character 46", "nothing can follow $count, but 'x' does"]],
        ["/$metadata/x", 400, undefined, ["at character 11", "nothing can follow $metadata, but 'x' does"]],
        [`${configurations}/nothing`, 404, "nothing", "with the key 'nothing'"],
        [`${configurations}('nothing')`, 404, "nothing", "with the key 'nothing'"],
        [`${configurations}('__proto__')`, 404, "__proto__", "with the key '__proto__'"],
        [`${configurations}/nothing/assignments`, 404, "nothing", "with the key 'nothing'"],
        [`${configurations}/nothing/displayName`, 404, "nothing", "with the key 'nothing'"],
        [`${configurations}/{id}/assignments/nothing`, 404, "nothing", "with the key 'nothing'"],
        [`${configurations}/{id}/assignments/0`, 404, "0", "with the key '0'"],
        [`${configurations}/{id}/scepServerUrls`, 404, undefined, "scepServerUrls"],
        [
          `${configurations}/{id}/microsoft.graph.iosVpnConfiguration`,
          404,
          "microsoft.graph.iosVpnConfiguration",
          "iosTrustedRootCertificate",
        ],
        [`${configurations}/{id}/microsoft.graph.nothing`, 404, "microsoft.graph.nothing", "microsoft.graph.nothing"],
        [`${configurations}/{id}/microsoft.graph.vpnServer`, 404, "microsoft.graph.vpnServer", "neither"],
        [`${configurations}/{id}/microsoft.graph.deviceConfigurationAssignment`, 404, undefined, "neither"],
        [`${configurations}/microsoft.graph.vpnServer`, 404, undefined, "neither"],
      ] as const) {
        it(`${path}: ${status}`, async () => {
          expectError(await get(path), status, { ...(target === undefined ? {} : { target }), says });
        });
      }
    });

    describe("with keys", () => {
      for (const [path, status, target, says] of [
        [`${configurations}(1)`, 400, "id", "Put a text in single quotes"],
        [`${configurations}(null)`, 400, "id", "must be a literal that is not null"],
        [`${configurations}(id=1)`, 400, "id", "single quotes"],
        [`${configurations}(key='{id}')`, 400, undefined, "(value)"],
        [`${configurations}(id='{id}',x=1)`, 400, undefined, "(value)"],
        [`${configurations}('{id}','{id}')`, 400, undefined, "character"],
        [`${configurations}('{id}')('{id}')`, 400, undefined, "two keys"],
        [`${configurations}()`, 400, undefined, "(value)"],
        [
          `${configurations}('{id}`,
          400,
          undefined,
          ["at character 22", "never closed", "a slash in a key is written %2F"],
        ],
        [`${configurations}({id})`, 400, undefined, ""],
        [`${configurations}(@a)`, 400, "@a", "The parameter alias '@a' of a key has no value"],
        [`${configurations}(@a)?@a=1`, 400, "id", "single quotes"],
        [`${configurations}(@a)?@a=displayName`, 400, "id", "must be a literal"],
        [`${configurations}(@a)?@a='`, 400, "@a", "never closed"],
        ["/deviceManagement('x')", 400, "deviceManagement('x')", "no key"],
        [`${configurations}/{id}/displayName('x')`, 400, undefined, "no key"],
        [`${configurations}/{id}/rootCertificate('x')`, 400, undefined, "no key"],
      ] as const) {
        it(`${path}: ${status}`, async () => {
          expectError(await get(path), status, { ...(target === undefined ? {} : { target }), says });
        });
      }
    });

    describe("into collections", () => {
      for (const [path, status, target, says] of [
        [`${configurations}/{id}/roleScopeTagIds/0`, 404, "0", "'roleScopeTagIds' has no item at 0"],
        [`${configurations}/{id}/roleScopeTagIds/-1`, 404, "-1", "'roleScopeTagIds' has no item at -1"],
        [`${configurations}/{id}/roleScopeTagIds/x`, 404, "x", "its items have numbers"],
        [
          `${configurations}/{id}/roleScopeTagIds/99999999999999999999999`,
          404,
          "99999999999999999999999",
          "its items have numbers",
        ],
        [`${configurations}/{id}/roleScopeTagIds/0/x`, 404, "x", "Nothing can follow '0'"],
        [`${configurations}/{id}/roleScopeTagIds/$value`, 404, "$value", "Nothing can follow 'roleScopeTagIds'"],
        [
          `${configurations}/{id}/roleScopeTagIds/$filter($this eq 1)`,
          400,
          "$filter",
          ["at character 18", "cannot be compared"],
        ],
        [`${configurations}/{id}/roleScopeTagIds/$filter(`, 400, undefined, ["at character 9", "found the end"]],
        [`${configurations}/{id}/roleScopeTagIds/$filter`, 400, "$filter", "such as $filter(@condition)"],
        [
          `${configurations}/$filter(displyName eq 'a')`,
          400,
          "$filter",
          ["at character 9", "Did you mean 'displayName'?"],
        ],
        [`${configurations}/$filter(displayName)`, 400, "$filter", ["at character 9", "expected a condition"]],
        [`${configurations}/$filter()`, 400, undefined, ["at character 9", "found ')'"]],
        [`${configurations}/$filter(displayName eq 'a'`, 400, undefined, ["at character 27", "found the end"]],
        [`${configurations}/$filter(displayName eq 'a')x`, 400, undefined, ["at character 28", "found 'x'"]],
        [`${configurations}/$filter(displayName eq 'a')('x')`, 404, "x", "with the key 'x'"],
        [`${configurations}/$filter(@a)?@a=1`, 400, "$filter", ["at character 9", "expected a condition"]],
      ] as const) {
        it(`${path}: ${status}`, async () => {
          expectError(await get(path), status, { ...(target === undefined ? {} : { target }), says });
        });
      }
    });

    describe("of the system", () => {
      for (const [path, status, target, says] of [
        ["/$batch", 405, undefined, "POST is"],
        ["/$entity", 400, "$id", "$id"],
        ["/$entity?$id=", 400, "$id", "expected a value"],
        ["/$entity?$id=x", 404, "$id", "'x' in $id is no URL of an entity of this service"],
        ["/$entity?$id=http://elsewhere.example/x(1)", 404, "$id", "no URL of an entity of this service"],
        ["/$entity/microsoft.graph.nothing?$id=x", 404, "microsoft.graph.nothing", "no entity type"],
        ["/$all/x", 404, "x", "There is no entity type named 'x'"],
        ["/$crossjoin", 400, "$crossjoin", "such as $crossjoin(Products,Sales)"],
        ["/$crossjoin()", 400, undefined, "the name of an entity set"],
        ["/$crossjoin('a')", 400, undefined, "the name of an entity set"],
        ["/$crossjoin(a,b)", 404, "a", "There is no entity set named 'a'"],
        [
          "/$crossjoin(deviceConfigurationAssignment)",
          404,
          "deviceConfigurationAssignment",
          "Did you mean 'deviceConfigurationAssignments'",
        ],
        [
          "/$crossjoin(deviceConfigurationAssignments,deviceConfigurationAssignments)",
          400,
          "deviceConfigurationAssignments",
          "twice",
        ],
        ["/$crossjoin(deviceConfigurationAssignments)/x", 404, "x", "Nothing can follow"],
        ["/$crossjoin(deviceConfigurationAssignments)?$filter=id eq 'a'", 400, "$filter", ["at character 1", "'id'"]],
        ["/$crossjoin(deviceConfigurationAssignments)?$select=id", 400, "$select", "does not apply to a cross join"],
        [
          "/$crossjoin(deviceConfigurationAssignments)?$expand=x",
          400,
          "$expand",
          ["at character 1", "none of the joined sets"],
        ],
        ["/?$top=1", 400, "$top", "the service document"],
        ["/$metadata?$filter=true", 400, "$filter", "the metadata document"],
        ["/$query", 404, "$query", "no resource named '$query'"],
      ] as const) {
        it(`${path}: ${status}`, async () => {
          expectError(await get(path), status, { ...(target === undefined ? {} : { target }), says });
        });
      }
    });

    it("a segment of ten thousand characters: a short answer", async () => {
      const answer = await get(`${configurations}/{id}/${"x".repeat(10_000)}`);
      expectError(answer, 404);
      expect(answer.text.length).to.be.lessThan(1_000);
    });

    it("a thousand segments: an error and no more", async () => {
      for (const path of [`/${"a/".repeat(1_000)}`, `${configurations}/{id}${"/assignments/x".repeat(500)}`])
        expectError(await get(path), 400, { says: "more than the 100 segments that are allowed" });
      const there = `${configurations}/{id}/assignments/x/deviceConfiguration`;
      const turns = "/assignments/x/deviceConfiguration".repeat(20);
      expectError(await get(there + turns), 400, { says: "24 navigation properties" });
    });

    for (const path of [
      "//deviceManagement",
      "/deviceManagement//deviceConfigurations",
      `${configurations}/{id}/`,
      `${configurations}///`,
    ]) {
      it(`${path}: doubled and trailing slashes are no harm`, async () =>
        expect((await get(path)).status).to.equal(200));
    }
  });

  describe("percent-encoding", () => {
    for (const path of [
      `${configurations}/%`,
      `${configurations}/%2`,
      `${configurations}/%zz`,
      `${configurations}/%ff`,
      `${configurations}/%c0%af`,
      `${configurations}/%ed%a0%80`,
      `${configurations}/a%00b`,
      `${configurations}('%00')`,
      "/%",
      `${configurations}?$filter=displayName%20eq%20'%'`,
      `${configurations}?$filter=displayName%20eq%20'%ff'`,
      `${configurations}?%=1`,
      `${configurations}?$top=%zz`,
    ]) {
      it(`${path}: 400`, async () => {
        expectError(await server().graph.client.get(path), 400);
      });
    }

    it("of an encoded slash stays within its segment", async () => {
      expectError(await get(`${configurations}/a%2Fb`), 404, { target: "a/b" });
      expectError(await get("/deviceManagement%2FdeviceConfigurations"), 404);
    });

    it("twice is undone once", async () => {
      expectError(await get(`${configurations}/a%252Fb`), 404, { target: "a%2Fb" });
    });
  });

  it("says the same the second time, when the route may be remembered", async () => {
    const strip = ({ status, json }: Answer) => ({ status, code: json.error?.code, message: json.error?.message });
    for (const path of [
      `${configurations}/nothing`,
      `${configurations}('nothing')`,
      `${configurations}/{id}/assignments/nothing`,
      `${configurations}/{id}/rootCertificate`,
      `${configurations}?$top=-1`,
    ]) {
      expect(strip(await get(path))).to.deep.equal(strip(await get(path)));
    }
  });
});
