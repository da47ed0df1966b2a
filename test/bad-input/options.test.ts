import { expect } from "chai";
import { configurations, expectError, itRefuses, readOnlyGraph } from "./support.js";

const vpn = "microsoft.graph.iosVpnConfiguration";

describe("bad query options", () => {
  const server = readOnlyGraph();

  describe("by their names", () => {
    itRefuses(server, [
      ["$foo=1", 400, "$foo", "The query option '$foo' is unknown"],
      ["$filtre=displayName eq 'a'", 400, "$filtre", "Did you mean '$filter'"],
      ["$Filterr=1", 400, "$Filterr", "Did you mean '$filter'"],
      ["$ filter=1", 400, "$ filter", "is unknown"],
      ["$filter%20=1", 400, "$filter ", "is unknown"],
      ["$=1", 400, "$", "is unknown"],
      ["$", 400, "$", "is unknown"],
      ["$__proto__=1", 400, "$__proto__", "is unknown"],
      ["$constructor=1", 400, "$constructor", "is unknown"],
      ["$levels=1", 400, "$levels", "only allowed inside $expand"],
      ["$top", 400, "$top", "has no value"],
      ["$top=1&$top=2", 400, "$top", "more than once"],
      ["$top=1&top=2", 400, "$top", "more than once"],
      ["$top=1&$TOP=2", 400, "$top", "more than once"],
      ["$top=1&%24top=2", 400, "$top", "more than once"],
      ["$filter=displayName eq 'a'&$filter=displayName eq 'b'", 400, "$filter", "more than once"],
      ["$id=x", 400, "$id", "belongs to '$entity' and to '$ref' only"],
      ["$index=1", 501, "$index", "is for collections of values"],
      ["$index=x", 400, "$index", ["at character 1", "a whole number"]],
      ["$deltatoken=x", 400, "$deltatoken", "is malformed"],
      ["$deltatoken=", 400, "$deltatoken", "found the end"],
      ["$schemaversion=", 400, "$schemaversion", "found the end"],
      ["$schemaversion=1", 404, "$schemaversion", "can only be '*'"],
      ["$schemaversion=a b", 400, "$schemaversion", "'*' or a version"],
      [Array.from({ length: 101 }, (_, index) => `a${index}=1`).join("&"), 400, undefined, "more than 100 together"],
    ]);

    it("custom options and aliases that nobody uses are passed over", async () => {
      expect((await server().ask("foo=1&bar&@x=5&__proto__=1&constructor=2&=3&&&")).status).to.equal(200);
    });
  });

  describe("$top, $skip and $count", () => {
    itRefuses(server, [
      ["$top=-1", 400, "$top", ["at character 1", "a whole number, 0 or more, but found '-'"]],
      ["$top=x", 400, "$top", ["at character 1", "but found 'x'"]],
      ["$top=1.5", 400, "$top", "whole number"],
      ["$top=1e3", 400, "$top", "whole number"],
      ["$top=", 400, "$top", "found the end"],
      ["$top= 1", 400, "$top", "found a space"],
      ["$top=1 2", 400, "$top", ["at character 3", "expected the end, but found '2'"]],
      ["$top=+1", 400, "$top", "whole number"],
      ["$top=null", 400, "$top", "found 'null'"],
      ["$top='1'", 400, "$top", "whole number"],
      ["$top=@a&@a=1", 400, "$top", "found '@'"],
      ["$top=٣", 400, "$top", "whole number"],
      ["$top=99999999999999999999", 400, "$top", "the most is 9007199254740991"],
      ["$skip=-1", 400, "$skip", "found '-'"],
      ["$skip=x", 400, "$skip", "found 'x'"],
      ["$skip=9007199254740992", 400, "$skip", "the most is 9007199254740991"],
      ["$count=maybe", 400, "$count", ["at character 1", "expected true or false, but found 'maybe'"]],
      ["$count=1", 400, "$count", "found '1'"],
      ["$count=", 400, "$count", "found the end"],
      ["$count=true false", 400, "$count", "found 'false'"],
    ]);

    it("count for as much in other letters, each time", async () => {
      for (const query of ["$TOP=1", "Top=1", "%24tOp=1", "t%6Fp=1", "$Skip=1", "SKIP=1"])
        for (let time = 1; time <= 3; time++)
          expect((await server().ask(query)).json.value, `${query}, time ${time}`).to.have.length(1);
    });

    it("the greatest numbers are taken", async () => {
      for (const [query, count] of [
        ["$top=2147483647", 2],
        ["$top=2147483648", 2],
        ["$top=9007199254740991", 2],
        ["$top=0", 0],
        ["$skip=2147483647", 0],
        ["$skip=9007199254740991", 0],
        ["$top=9007199254740991&$skip=9007199254740991", 0],
        ["$top=00000000000000000001", 1],
      ] as const) {
        expect((await server().ask(query)).json.value, query).to.have.length(count);
      }
    });
  });

  describe("$orderby", () => {
    itRefuses(server, [
      ["$orderby=", 400, "$orderby", "found the end"],
      ["$orderby=displyName", 400, "$orderby", ["at character 1", "Did you mean 'displayName'"]],
      ["$orderby=version,displyName", 400, "$orderby", ["at character 9", "Did you mean 'displayName'"]],
      ["$orderby=displayName up", 400, "$orderby", ["at character 13", "'asc', 'desc'", "found 'up'"]],
      ["$orderby=displayName desc desc", 400, "$orderby", ["at character 18", "found 'desc'"]],
      ["$orderby=displayName,,version", 400, "$orderby", ["at character 13", "found ','"]],
      ["$orderby=displayName,", 400, "$orderby", ["at character 13", "found the end"]],
      ["$orderby=__proto__", 400, "$orderby", "'__proto__'"],
      ["$orderby=displayName;drop table x", 400, "$orderby", ["at character 12", "found ';'"]],
      ["$orderby=displayName desc;--", 400, "$orderby", ["at character 17", "found ';'"]],
      ["$orderby=roleScopeTagIds", 400, "$orderby", ["at character 1", "Collection(Edm.String) have no order"]],
      ["$orderby=assignments", 400, "$orderby", ["at character 1", "have no order"]],
      ["$orderby=assignments/id", 400, "$orderby", ["at character 13", "'id' follows a collection"]],
      [`$orderby=${vpn}/server`, 400, "$orderby", "have no order"],
      ["$orderby=geography'SRID=4326;Point(1 1)'", 400, "$orderby", "have no order"],
      ["$orderby=-displayName", 400, "$orderby", ["at character 1", "a number or a duration"]],
      ["$orderby=version div 0", 400, "$orderby", ["at character 13", "division by zero"]],
      [`$orderby=${Array.from({ length: 21 }, () => "id").join(",")}`, 400, "$orderby", "more than 20 terms"],
    ]);
  });

  describe("$select", () => {
    itRefuses(server, [
      ["$select=", 400, "$select", "found the end"],
      ["$select=displyName", 400, "$select", ["at character 1", "Did you mean 'displayName'"]],
      ["$select=id,displyName", 400, "$select", ["at character 4", "Did you mean 'displayName'"]],
      ["$select=displayName,", 400, "$select", ["at character 13", "a name or '*'", "found the end"]],
      ["$select=id;displayName", 400, "$select", ["at character 3", "found ';'"]],
      ["$select='id'", 400, "$select", ["at character 1", "a name or '*'"]],
      ["$select=id desc", 400, "$select", ["at character 4", "found 'desc'"]],
      ["$select=$count", 400, "$select", ["at character 1", "found '$'"]],
      ["$select=__proto__", 400, "$select", "'__proto__'"],
      ["$select=displayName/x", 400, "$select", "Edm.String, which has no property 'x'"],
      ["$select=microsoft.graph.vpnServer/address", 400, "$select", "microsoft.graph.vpnServer"],
      ["$select=microsoft.graph.nothing/x", 400, "$select", "no type and no operation named"],
      ["$select=microsoft.graph.assign", 400, "$select", "no type and no operation named"],
      ["$select=nothing.*", 400, "$select", "no namespace 'nothing'"],
      [`$select=${vpn}`, 400, "$select", "name a property of it"],
      [`$select=${vpn}/server/adress`, 400, "$select", "Did you mean 'address'"],
      [`$select=${vpn}/server($select=adress)`, 400, "$select", ["at character 52", "Did you mean 'address'"]],
      ["$select=assignments/id", 400, "$select", "$expand=assignments($select=id)"],
      ["$select=assignments($select=id)", 400, "$select", "$expand=assignments(...)"],
      ["$select=displayName($top=1)", 400, "$select", "takes no options"],
      ["$select=roleScopeTagIds(", 400, "$select", ["at character 17", "found the end"]],
      ["$select=roleScopeTagIds()", 400, "$select", ["at character 17", "found ')'"]],
      ["$select=roleScopeTagIds($foo=1)", 400, "$select", ["at character 17", "'foo' is no option", "$filter"]],
      ["$select=roleScopeTagIds($expand=x)", 400, "$select", ["at character 17", "'expand' is no option"]],
      ["$select=roleScopeTagIds($top=-1)", 400, "$select", ["at character 22", "a whole number"]],
      ["$select=roleScopeTagIds($filter=$this eq 1)", 400, "$filter", ["at character 34", "cannot be compared"]],
      ["$select=roleScopeTagIds($orderby=$this up)", 400, "$select", ["found 'up'"]],
      ["$select=@Core.x", 501, "$select", "annotations"],
      [`$select=${Array.from({ length: 501 }, () => "id").join(",")}`, 400, "$select", "more than 500 items"],
      [`$select=${"a/".repeat(40)}a`, 400, "$select", ""],
    ]);
  });

  describe("$expand", () => {
    const turns = (depth: number): string =>
      depth === 0 ? "assignments" : `assignments($expand=deviceConfiguration($expand=${turns(depth - 1)}))`;
    itRefuses(server, [
      ["$expand=", 400, "$expand", "found the end"],
      ["$expand=assignment", 400, "$expand", ["at character 1", "Did you mean 'assignments'"]],
      ["$expand=userStatuses,assignment", 400, "$expand", ["at character 14", "Did you mean 'assignments'"]],
      ["$expand=displayName", 400, "$expand", ["at character 1", "$select is for properties"]],
      ["$expand=__proto__", 400, "$expand", "'__proto__'"],
      ["$expand=assignments,", 400, "$expand", ["at character 13", "found the end"]],
      ["$expand=assignments,assignments", 400, "$expand", ["at character 13", "twice"]],
      ["$expand=microsoft.graph.nothing/assignments", 400, "$expand", "no type derived from"],
      ["$expand=microsoft.graph.vpnServer/assignments", 400, "$expand", "no type derived from"],
      ["$expand=assignments/id", 400, "$expand", "'id'"],
      ["$expand=assignments/$value", 400, "$expand", "$value"],
      ["$expand=*/$count", 400, "$expand", "nothing but '/$ref' after '*'"],
      ["$expand=*($select=id)", 400, "$expand", ["at character 3", "there may be $levels"]],
      ["$expand=assignments(", 400, "$expand", ["at character 13", "found the end"]],
      ["$expand=assignments()", 400, "$expand", ["at character 13", "expected an option", "found ')'"]],
      ["$expand=assignments(;)", 400, "$expand", ["at character 13", "expected an option", "found ';'"]],
      ["$expand=assignments($foo=1)", 400, "$expand", ["at character 13", "'foo' is no option", "$filter"]],
      ["$expand=assignments($selct=id)", 400, "$expand", ["at character 13", "Did you mean '$select'"]],
      ["$expand=assignments($format=json)", 400, "$expand", "'format' is no option"],
      ["$expand=assignments($top=x)", 400, "$expand", ["at character 18", "a whole number"]],
      ["$expand=assignments($count=2)", 400, "$expand", ["at character 20", "true or false"]],
      ["$expand=assignments($top=1;$top=2)", 400, "$expand", ["at character 20", "$top is there twice"]],
      ["$expand=assignments($filter=id eq 'a',$top=1)", 400, "$expand", ["at character 30", "found ','"]],
      ["$expand=assignments($filter=id eq 'a'", 400, "$expand", ["at character 30", "found the end"]],
      ["$expand=assignments($filter=nothing eq 1)", 400, "$filter", ["at character 21", "'nothing'"]],
      ["$expand=assignments($filter=$it/displyName eq 'x')", 400, "$filter", "Did you mean 'displayName'"],
      ["$expand=assignments($orderby=foo)", 400, "$orderby", ["at character 22", "'foo'"]],
      ["$expand=assignments($select=idd)", 400, "$select", ["at character 21", "Did you mean 'id'"]],
      ["$expand=assignments($compute=id as id)", 400, "$compute", ["at character 22", "the name 'id' is taken"]],
      ["$expand=assignments($expand=x)", 400, "$expand", ["at character 21", "'x'"]],
      ["$expand=assignments/$count($filter=idd eq 1)", 400, "$filter", ["at character 28", "Did you mean 'id'"]],
      ["$expand=assignments/$ref($select=id)", 400, "$expand", ["at character 18", "'select' is no option"]],
      ["$expand=assignments($levels=x)", 400, "$expand", ["at character 21", "'max', but found 'x'"]],
      ["$expand=assignments($levels=0)", 400, "$expand", ["at character 21", "'max', but found '0'"]],
      ["$expand=assignments($levels=-1)", 400, "$expand", ["at character 21", "'max', but found '-'"]],
      ["$expand=assignments($levels=2)", 400, "$expand", "$levels can only be 1"],
      ["$expand=rootCertificate($top=1)", 400, "$top", "a single entity"],
      ["$expand=rootCertificate($filter=id eq 'a')", 400, "$filter", "a single entity"],
      ["$expand=assignments($search=a)", 501, "$search", "not offered"],
      [`$expand=${turns(4)}`, 400, "$expand", "deeper than the 8 levels"],
      [`$expand=${turns(12)}`, 400, "$expand", "deeper than the 8 levels"],
      [`$expand=${turns(30)}`, 400, "$expand", "deeper than the 8 levels"],
      ["$expand=*($levels=max)", 400, "$expand", "more than 200 navigation properties"],
    ]);

    it("goes as deep as is allowed", async () => {
      expect((await server().ask(`$expand=${turns(3)}`)).status).to.equal(200);
    });
  });

  describe("$compute", () => {
    itRefuses(server, [
      ["$compute=", 400, "$compute", "found the end"],
      ["$compute=version", 400, "$compute", ["at character 8", "'as' and a name"]],
      ["$compute=version as", 400, "$compute", "at character 11"],
      ["$compute=version as 1", 400, "$compute", ["at character 12", "the name of the computed property"]],
      ["$compute=version as a.b", 400, "$compute", ["at character 13", "found '.'"]],
      ["$compute=version as @x", 400, "$compute", ["at character 12", "found '@'"]],
      ["$compute=version as displayName", 400, "$compute", ["at character 1", "the name 'displayName' is taken"]],
      ["$compute=version as x,version as x", 400, "$compute", ["at character 14", "the name 'x' is taken"]],
      ["$compute=version add 'a' as x", 400, "$compute", ["at character 1", "'add' takes two numbers"]],
      ["$compute=nothing as x", 400, "$compute", ["at character 1", "'nothing'"]],
      ["$compute=x as x", 400, "$compute", ["at character 1", "'x'"]],
      ["$compute=x as y,y as x", 400, "$compute", ["at character 1", "'x'"]],
      ["$compute=assignments as x", 400, "$compute", ["at character 1", "which is no value"]],
      ["$compute=version as x&$filter=y eq 1", 400, "$filter", ["at character 1", "'y'"]],
      ["$compute=version as x&$filter=x eq 'a'", 400, "$filter", ["at character 6", "cannot be compared"]],
    ]);

    it("takes names that mean something to JavaScript for what they are", async () => {
      for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
        for (const accept of ["application/json", "application/json;odata.metadata=full"]) {
          const answer = await server().graph.client.get(
            `${configurations}?$compute=version%20add%2041%20as%20${name}&$filter=${name}%20eq%2042&$select=${name}`,
            { headers: { accept } },
          );
          expect(answer.status, answer.text).to.equal(200);
          expect(answer.text.split(`"${name}":42`)).to.have.length(3);
        }
      }
    });
  });

  describe("$search", () => {
    itRefuses(server, [
      ["$search=", 400, "$search", "found the end"],
      ['$search="', 400, "$search", ["at character 1", "never closed"]],
      ["$search=(a", 400, "$search", ["at character 3", "')'"]],
      ['$search=a"', 400, "$search", "at character 2"],
    ]);
  });

  describe("$format", () => {
    itRefuses(server, [
      ["$format=", 400, "$format", "found the end"],
      ["$format=xml", 406, "$format", "application/json"],
      ["$format=foo", 406, "$format", "application/json"],
      ["$format='json'", 406, "$format", "application/json"],
      ["$format=a/b/c", 406, "$format", "application/json"],
      ["$format=json;odata.metadata=foo", 406, "$format", "application/json"],
      ["$format=application/json;odata.metadata=foo", 406, "$format", "none, minimal or full"],
      [`$format=${"a".repeat(2_001)}`, 400, undefined, "too long"],
    ]);
  });

  describe("$skiptoken", () => {
    for (const token of ["x", "€", "' or 1=1", "A".repeat(60), "A".repeat(8_000), "-", "_", ".", "eyJhIjoxfQ=="]) {
      itRefuses(server, [[`$skiptoken=${token}`, 400, "$skiptoken", "belongs to no page of this request"]]);
    }
    itRefuses(server, [["$skiptoken=", 400, "$skiptoken", ""]]);

    it("is refused where it is changed, or is another request's", async () => {
      const { client } = server().graph;
      const page = await client.get(`${configurations}?$orderby=version`, { headers: { prefer: "maxpagesize=1" } });
      const link = (page.json as Record<string, string>)["@odata.nextLink"]!;
      const next = link.slice(link.indexOf(configurations));
      expect((await client.get(next)).json.value).to.have.length(1);
      const at = next.indexOf("$skiptoken=") + "$skiptoken=".length;
      const token = next.slice(at);
      const others = [
        ...Array.from(
          token,
          (letter, index) => `${token.slice(0, index)}${letter === "A" ? "B" : "A"}${token.slice(index + 1)}`,
        ),
        token.slice(0, -1),
        `${token}A`,
        token + token,
        `A${token}`,
        token.toLowerCase(),
        `${token}%00`,
      ].filter((other) => Buffer.from(other, "base64url").compare(Buffer.from(token, "base64url")) !== 0);
      for (const other of others)
        expectError(await client.get(next.slice(0, at) + other), 400, { target: "$skiptoken" });
      for (const query of [
        "$orderby=version%20desc",
        "$orderby=version&$filter=true",
        "$orderby=id",
        "$orderby=version&$expand=assignments",
      ]) {
        expectError(await client.get(`${configurations}?${query}&$skiptoken=${token}`), 400, {
          target: "$skiptoken",
          says: "belongs to no page of this request",
        });
      }
      expectError(await client.get(`/deviceConfigurationAssignments?$orderby=id&$skiptoken=${token}`), 400);
      expectError(await client.get(`${configurations}/$count?$skiptoken=${token}`), 400, { target: "$skiptoken" });
    });
  });

  describe("where they have no meaning", () => {
    const single = [
      "$top=1",
      "$skip=1",
      "$count=true",
      "$filter=displayName eq 'a'",
      "$orderby=displayName",
      "$apply=identity",
    ];
    for (const query of single) {
      const target = query.split("=")[0]!;
      for (const path of [`${configurations}/{id}`, "/deviceManagement", `${configurations}/{id}/rootCertificate`]) {
        it(`${query} for ${path}: 400`, async () => {
          expectError(await server().get(`${path}?${query}`), 400, { target, says: "is for collections" });
        });
      }
    }
    for (const query of [...single, "$select=id", "$expand=assignments", "$compute=1 as x"]) {
      const target = query.split("=")[0]!;
      for (const path of [
        `${configurations}/{id}/displayName`,
        `${configurations}/{id}/displayName/$value`,
        `${configurations}/{id}/$ref`,
      ]) {
        it(`${query} for ${path}: 400`, async () => {
          expectError(await server().get(`${path}?${query}`), 400, { target });
        });
      }
    }
    for (const query of ["$select=id", "$count=true", "$compute=1 as x", "$orderby=idd", "$expand=assignment"]) {
      it(`${query} for $count: 400`, async () => {
        expectError(await server().get(`${configurations}/$count?${query}`), 400, { target: query.split("=")[0]! });
      });
    }
  });

  describe("in the body of a POST to $query", () => {
    const post = (body: string | Buffer, type = "text/plain", path = `${configurations}/$query`) =>
      server().graph.client.post(path, body, { headers: { "content-type": type } });

    for (const [what, body, says] of [
      ["white space", "$filter=displayName eq 'a'", ["at character 20", "percent-encoded"]],
      ["a line end in the middle", "$top=1\n&$skip=1", "at character 7"],
      ["a question mark in front", "?$top=1", "question mark"],
      ["a fragment", "$top=1#x", "'#' at character 7"],
      ["NUL", "$filter=displayName%20eq%20'\0'", "NUL"],
      ["NUL, percent-encoded", "$filter=displayName%20eq%20'%00'", "NUL"],
      ["a control character between words", "$filter=displayName%01eq%20'a'", "at character 12"],
      ["half a percent-encoding", "$filter=displayName%20eq%20'%'", "two hexadecimal digits"],
      ["percent-encoded bytes that are no UTF-8", "$filter=displayName%20eq%20'%c0%af'", "must be UTF-8"],
      ["half a surrogate pair, percent-encoded", "$filter=displayName%20eq%20'%ed%a0%80'", "must be UTF-8"],
    ] as const) {
      it(`${what}: 400`, async () => {
        expectError(await post(body), 400, { says });
      });
    }

    for (const [what, bytes] of Object.entries({
      "a byte that is in no text": [0xff],
      "an overlong form": [0xc0, 0xaf],
      "half a surrogate pair": [0xed, 0xa0, 0x80],
      "the beginning of a character": [0xe2, 0x82],
    })) {
      it(`${what}: 400`, async () => {
        const body = Buffer.concat([Buffer.from("$filter=displayName%20eq%20'"), Buffer.from(bytes), Buffer.from("'")]);
        expectError(await post(body), 400, { says: "not UTF-8" });
      });
    }

    for (const type of [
      "application/json",
      "application/x-www-form-urlencoded",
      "",
      "text/html",
      "text/plain;charset=utf-16",
    ]) {
      it(`of the type '${type}': 415`, async () => {
        expectError(await post("$top=1", type), 415, { target: "Content-Type", says: "text/plain" });
      });
    }

    it("what is there and in the URL, too: 400", async () => {
      expectError(await post("$top=1", "text/plain", `${configurations}/$query?$top=2`), 400, { target: "$top" });
    });

    it("where $query has no meaning: as in a URL", async () => {
      expectError(await post("", "text/plain", "/$query/deviceManagement"), 400, { says: "nothing can follow $query" });
      expectError(await post("", "text/plain", `${configurations}/$query/$query`), 404, { target: "$query" });
      expectError(await post("", "text/plain", `${configurations}/nothing/$query`), 404, { target: "nothing" });
      expectError(await server().get(`${configurations}/$query`), 404, { target: "$query" });
    });
  });
});
