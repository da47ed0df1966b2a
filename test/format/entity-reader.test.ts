import { expect } from "chai";
import { ODataError } from "../../src/errors/index.js";
import { defaultText } from "../../src/format/defaults.js";
import { readEntity, type EntityPayload, type EntityReadContext } from "../../src/format/entity-reader.js";
import { entity, model } from "./fixture.js";

const scep = entity("scepProfile");

type Options = Partial<EntityReadContext> & { readonly expected?: string };

function read(body: unknown, { expected = "scepProfile", ...context }: Options = {}): EntityPayload {
  const text = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return readEntity(text, entity(expected), { model, operation: "create", version: "4.01", ...context });
}

/** The canonical texts by property name. */
function values(body: unknown, options?: Options): Record<string, string> {
  return Object.fromEntries(Array.from(read(body, options).properties, ([property, text]) => [property.name, text]));
}

function failure(body: unknown, options?: Options): ODataError {
  try {
    read(body, options);
  } catch (error) {
    expect(error).to.be.instanceOf(ODataError);
    return error as ODataError;
  }
  return expect.fail("no error");
}

/** Expects one 400 with that message (or a part of it) and target. */
function refuses(body: unknown, message: string, target?: string, options?: Options): void {
  const error = failure(body, options);
  expect(error.message).to.contain(message);
  expect(error.status).to.equal(400);
  expect(error.target).to.equal(target);
  expect(error.details).to.deep.equal([]);
}

describe("format/entity-reader", () => {
  describe("the body", () => {
    it("must be a JSON object in UTF-8", () => {
      refuses("", "The request body is empty; send the entity as a JSON object.");
      refuses(Buffer.from("  \n"), "The request body is empty");
      refuses("[]", "must be a JSON object that holds the entity, and not an array.");
      refuses("null", "and not the value null.");
      refuses('{"a":', "expected a value at line 1, column 6");
      refuses(Buffer.from([0x7b, 0xff, 0x7d]), "not valid UTF-8");
    });

    it("may be a buffer, with a byte order mark", () => {
      expect(values(Buffer.from('\ufeff{"description":"ü"}'))).to.deep.equal({ description: '"ü"' });
    });
  });

  describe("the type", () => {
    const forms = [
      "#shop.devices.scepProfile",
      "shop.devices.scepProfile",
      "#d.scepProfile",
      "http://x/$metadata#d.scepProfile",
    ];
    for (const form of forms) {
      it(`may be written ${form}`, () => {
        expect(read({ "@odata.type": form }, { expected: "profile" }).type).to.equal(scep);
        expect(read({ "@type": form }, { expected: "profile", version: "4.0" }).type).to.equal(scep);
      });
    }

    it("is the expected one where the body does not say", () => expect(read({}).type).to.equal(scep));

    it("must be said where the expected one is abstract", () => {
      refuses(
        {},
        "The body must say its type with '@odata.type', because 'shop.devices.profile' is abstract; " +
          "for example '#shop.devices.scepProfile' or '#shop.devices.vpnProfile'.",
        "@odata.type",
        { expected: "profile" },
      );
    });

    const wrong: readonly [unknown, string][] = [
      [1, "The value of '@odata.type' must be a string"],
      [
        "#shop.devices.scepProfil",
        "There is no type 'shop.devices.scepProfil'. Did you mean 'shop.devices.scepProfile'",
      ],
      ["#shop.devices.address", "is no entity type; 'shop.devices.profile' or a type derived from it is expected."],
      ["#Edm.String", "is no entity type"],
      ["#shop.devices.certificate", "is not 'shop.devices.profile', which is expected here, nor derived from it."],
      [
        "#shop.devices.profile",
        "is abstract and has no values; use a type derived from it, for example 'shop.devices.scepProfile'",
      ],
    ];
    for (const [type, message] of wrong) {
      it(`cannot be ${String(type)}`, () =>
        refuses({ "@odata.type": type }, message, "@odata.type", { expected: "profile" }));
    }

    it("cannot change on an update", () => {
      const update = { operation: "update", expected: "profile", current: scep } as const;
      expect(read({}, update).type).to.equal(scep);
      expect(read({ "@odata.type": "#d.scepProfile" }, update).type).to.equal(scep);
      expect(read({ "@odata.type": "#d.profile" }, update).type).to.equal(scep);
      refuses(
        { "@odata.type": "#d.vpnProfile" },
        "The entity is of type 'shop.devices.scepProfile' and cannot become one of type 'shop.devices.vpnProfile'.",
        "@odata.type",
        update,
      );
      refuses({ "@odata.type": "#d.nothing" }, "There is no type 'd.nothing'.", "@odata.type", update);
    });
  });

  describe("properties", () => {
    it("become canonical text", () => {
      const body =
        '{ "displayName": "a\\u0062", "big": 9007199254740993, "scepServerUrls": [ "x", "y" ], "usage": "encrypt,sign" }';
      expect(values(body)).to.deep.equal({
        displayName: '"ab"',
        big: "9007199254740993",
        scepServerUrls: '["x","y"]',
        usage: '"sign,encrypt"',
      });
      expect(values({ big: "5", keySize: 1, code: null })).to.deep.equal({
        big: "5",
        keySize: '"size2048"',
        code: "null",
      });
    });

    it("that the service makes are left out silently", () => {
      expect(values({ id: 1, createdDateTime: "never", version: "x", platform: "ios" })).to.deep.equal({
        platform: '"ios"',
      });
      const certificate = { thumbprint: "ab", subject: "s" };
      expect(values(certificate, { expected: "certificate" })).to.have.keys("thumbprint", "subject");
      expect(values(certificate, { expected: "certificate", operation: "update" })).to.have.keys("subject");
      expect(values({ platform: "ios" }, { operation: "update" })).to.deep.equal({});
    });

    it("may have control information and annotations beside them", () => {
      const body = {
        "@odata.context": "x",
        "@odata.id": "x",
        "@odata.etag": "x",
        "@odata.unheardOf": 1,
        "@context": 1,
        "@ns.term": {},
        "displayName@ns.term": 1,
        "displayName@odata.type": "#String",
        "gone@odata.navigationLink": "x",
        "#ns.action": {},
        displayName: "a",
      };
      expect(values(body)).to.deep.equal({ displayName: '"a"' });
    });

    it("must be known", () => {
      refuses(
        { displyName: "x" },
        "The type 'shop.devices.scepProfile' has no property 'displyName'. Did you mean 'displayName'?",
        "displyName",
      );
      refuses({ server: "x" }, "has no property 'server'. The type 'shop.devices.vpnProfile' has one.", "server");
      refuses({ city: "x", "@odata.type": "#d.vpnProfile" }, "has no property 'city'.", "city", {
        expected: "profile",
      });
      refuses('{"__proto__":{}}', "has no property '__proto__'.", "__proto__");
    });

    const wrong: readonly [body: object, message: string, target: string][] = [
      [{ displayName: null }, "The value of 'displayName' must not be null.", "displayName"],
      [
        { displayName: 4 },
        "is wrong: a JSON number is not a valid Edm.String; write it as a JSON string",
        "displayName",
      ],
      [{ displayName: {} }, "is wrong: a JSON object is not a valid Edm.String.", "displayName"],
      [{ displayName: "x".repeat(21) }, "21 characters, and at most 20 are allowed", "displayName"],
      [{ code: "12345" }, "at most 4 are allowed", "code"],
      [{ scepServerUrls: "x" }, "a JSON string is no collection, write an array", "scepServerUrls"],
      [{ scepServerUrls: null }, "an empty one is []", "scepServerUrls"],
      [{ scepServerUrls: ["a", "b", null] }, "The value of 'scepServerUrls[2]' must not be null.", "scepServerUrls[2]"],
      [
        { keySize: "size2049" },
        "its members are size1024, size2048. Did you mean 'size2048' or 'size1024'?",
        "keySize",
      ],
      [{ keySize: [] }, "a JSON array is not a valid shop.devices.keySize; write a member's name.", "keySize"],
      [{ site: "x" }, "a JSON string is not a valid shop.devices.site; write a JSON object.", "site"],
      [{ site: { address: { citty: 1 } } }, "has no property 'citty'. Did you mean 'city'?", "site.address.citty"],
      [{ rule: {} }, "The value of 'rule' must say its type with '@odata.type'", "rule"],
      [{ rules: [{ "@odata.type": "#d.address" }] }, "is not 'shop.devices.rule', which is expected here", "rules[0]"],
      [{ rules: [{ "@odata.type": "#d.timeRule", after: 1 }] }, "a valid Edm.Duration", "rules[0].after"],
      [
        { site: { address: { position: { type: "Point" } } } },
        "'coordinates' are not those of a Point",
        "site.address.position",
      ],
    ];
    for (const [body, message, target] of wrong) {
      it(`cannot be ${JSON.stringify(body).slice(0, 70)}`, () => refuses(body, message, target));
    }

    it("may have null elements where the collection is nullable", () => {
      expect(values({ aliases: ["a", null] })).to.deep.equal({ aliases: '["a",null]' });
    });

    it("are all checked before the answer, ten at most", () => {
      const error = failure({ displayName: 1, a: 1, big: "x", rules: [{}, {}] });
      expect([error.target, ...error.details.map((detail) => detail.target)]).to.deep.equal([
        "displayName",
        "a",
        "big",
        "rules[0]",
        "rules[1]",
      ]);
      const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`p${i}`, 1]));
      expect(failure(many).details).to.have.length(9);
    });

    it("cost little where everything is wrong", () => {
      const body = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`displayNam${i}`, 1]));
      const start = performance.now();
      expect(failure({ ...body, aliases: new Array(100_000).fill(1) }).status).to.equal(400);
      expect(performance.now() - start).to.be.lessThan(2000);
      expect(failure({ ["x".repeat(100_000)]: 1 }).target).to.have.length(500);
    });
  });

  describe("complex values", () => {
    it("hold all properties, in the order of their declaration", () => {
      expect(values({ site: { tags: ["a"], address: { city: "Rome" }, revision: 7 } })["site"]).to.equal(
        '{"address":{"street":null,"city":"Rome","floor":1,"position":null},"tags":["a"],"revision":0}',
      );
      expect(values({ site: {} })["site"]).to.equal(
        '{"address":{"street":null,"city":"","floor":1,"position":null},"tags":[],"revision":0}',
      );
    });

    it("say their type where it is not the declared one", () => {
      const rules = [
        { bytes: "12", "@odata.type": "d.sizeRule" },
        { "@type": "#d.timeRule", after: "PT60M" },
      ];
      expect(values({ rules })["rules"]).to.equal(
        '[{"@odata.type":"#shop.devices.sizeRule","title":null,"bytes":12},' +
          '{"@odata.type":"#shop.devices.timeRule","title":null,"after":"PT1H"}]',
      );
    });

    it("keep geo values and untyped ones", () => {
      const position = { coordinates: [1, 2], type: "Point" };
      expect(values({ site: { address: { position } } })["site"]).to.contain(
        '"position":{"type":"Point","coordinates":[1,2]}',
      );
      expect(values('{"anything":{"a":[1.0,null]}}')).to.deep.equal({ anything: '{"a":[1.0,null]}' });
    });

    it("are merged on an update", () => {
      const stored: Record<string, string> = {
        site: '{"address":{"street":"s","city":"Rome","floor":3,"position":null},"tags":["a"],"revision":7}',
        rule: '{"@odata.type":"#shop.devices.sizeRule","title":"t","bytes":1}',
        bag: '{"label":"l","x@odata.type":"#Int64","x":1,"y":2}',
      };
      const update: Options = { operation: "update", current: scep, currentValue: (property) => stored[property.name] };
      expect(values({ site: { address: { floor: 4 }, revision: 9 } }, update)["site"]).to.equal(
        '{"address":{"street":"s","city":"Rome","floor":4,"position":null},"tags":["a"],"revision":7}',
      );
      expect(values({ site: { tags: [] } }, update)["site"])
        .to.contain('"city":"Rome"')
        .and.contain('"tags":[]');
      expect(values({ rule: { bytes: 2 } }, update)["rule"]).to.equal(
        '{"@odata.type":"#shop.devices.sizeRule","title":"t","bytes":2}',
      );
      expect(values({ rule: { "@odata.type": "#d.timeRule" } }, update)["rule"]).to.equal(
        '{"@odata.type":"#shop.devices.timeRule","title":null,"after":null}',
      );
      expect(values({ rule: null }, update)["rule"]).to.equal("null");
      expect(values({ bag: { y: null, z: true } }, update)["bag"]).to.equal(
        '{"label":"l","x@odata.type":"#Int64","x":1,"z":true}',
      );
      expect(values({ bag: { x: "a" } }, update)["bag"]).to.equal('{"label":"l","x":"a","y":2}');
      expect(values({ site: { tags: [] } }, { operation: "update" })["site"]).to.contain('"city":""');
    });
  });

  describe("dynamic properties", () => {
    const options = { expected: "certificate" };

    it("are kept by open types, with the type that the client names", () => {
      const body =
        '{"size":1.50,"when@odata.type":"#DateTimeOffset","when":"2024-01-01T01:00:00+01:00","list":[1, {}],"gone":null}';
      expect([...read(body, options).dynamicProperties]).to.deep.equal([
        ["size", "1.50"],
        ["when@odata.type", '"#DateTimeOffset"'],
        ["when", '"2024-01-01T00:00:00Z"'],
        ["list", "[1,{}]"],
        ["gone", "null"],
      ]);
      expect(values({ bag: { x: 1, label: "l" } })["bag"]).to.equal('{"label":"l","x":1}');
    });

    it("are checked by it and have proper names", () => {
      refuses({ "when@odata.type": "#Date", when: "x" }, "'x' is not a valid Edm.Date", "when", options);
      refuses({ "a b": 1 }, "'a b' is no name for a property", "a b", options);
    });
  });

  describe("relationships", () => {
    function binding(body: object, name: string, options?: Options): unknown {
      for (const [nav, value] of read(body, options).bindings) if (nav.name === name) return value;
      return undefined;
    }

    for (const version of ["4.0", "4.01"] as const) {
      it(`are made by @odata.bind and by inline references in ${version}`, () => {
        expect(binding({ "root@odata.bind": "certificates('a')" }, "root", { version })).to.deep.equal({
          uris: [{ uri: "certificates('a')", target: "root@odata.bind" }],
          replaces: true,
        });
        expect(binding({ "groups@odata.bind": ["x", "y"] }, "groups", { version })).to.deep.equal({
          uris: [
            { uri: "x", target: "groups@odata.bind[0]" },
            { uri: "y", target: "groups@odata.bind[1]" },
          ],
          replaces: false,
        });
        expect(binding({ root: { "@id": "x" } }, "root", { version })).to.deep.equal({
          uris: [{ uri: "x", target: "root.@id" }],
          replaces: true,
        });
        expect(
          binding({ groups: [{ "@odata.id": "x", "@odata.type": "#d.certificate" }] }, "groups", { version }),
        ).to.deep.equal({
          uris: [{ uri: "x", target: "groups[0].@odata.id" }],
          replaces: true,
        });
      });
    }

    it("are taken away by null", () => {
      expect(binding({ root: null }, "root")).to.equal(null);
      expect(binding({ "root@odata.bind": null }, "root")).to.equal(null);
    });

    const wrong: readonly [body: object, message: string, target: string][] = [
      [{ owner: null }, "'owner' always needs a related entity.", "owner"],
      [{ "rooot@odata.bind": "x" }, "has no navigation property 'rooot'. Did you mean 'root'?", "rooot@odata.bind"],
      [{ "displayName@odata.bind": "x" }, "'displayName' is no navigation property", "displayName@odata.bind"],
      [{ "root@odata.bind": ["x"] }, "must be one URI, because 'root' is no collection.", "root@odata.bind"],
      [{ "root@odata.bind": 1 }, "must be the URI of an entity", "root@odata.bind"],
      [
        { "groups@odata.bind": "x" },
        "must be an array of URIs, because 'groups' is a collection.",
        "groups@odata.bind",
      ],
      [{ "groups@odata.bind": ["x", ""] }, "must be the URI of an entity", "groups@odata.bind[1]"],
      [{ groups: {} }, "must be an array, because 'groups' is a collection.", "groups"],
      [{ groups: null }, "must be an array", "groups"],
      [{ groups: ["x"] }, "must be a JSON object: an entity, or a reference to one", "groups[0]"],
      [{ root: [] }, "must be one object, because 'root' is no collection.", "root"],
      [{ root: { "@id": 1 } }, "must be the URI of an entity", "root.@id"],
      [{ root: null, "root@odata.bind": "x" }, "'root' is given twice", "root@odata.bind"],
      [{ root: null, "root@bind": "x" }, "'root' is given twice", "root@bind"],
    ];
    for (const [body, message, target] of wrong) {
      it(`cannot be ${JSON.stringify(body)}`, () => refuses(body, message, target));
    }

    const related = (body: object, name: string, options?: Options) =>
      [...(read(body, options).related ?? [])].find(([nav]) => nav.name === name)?.[1];

    it("may hold entities, and references beside them", () => {
      const found = related({ groups: [{ thumbprint: "x" }, { "@id": "y" }] }, "groups");
      expect(found?.kind).to.equal("entities");
      expect(found?.items.map(({ path, id, isReference }) => [path, id?.uri, isReference])).to.deep.equal([
        ["groups[0]", undefined, false],
        ["groups[1]", "y", true],
      ]);
      expect(related({ root: {} }, "root")?.items).to.have.length(1);
    });

    it("may hold a delta on an update", () => {
      const body = { "groups@delta": [{ "@removed": { reason: "deleted" }, "@id": "x" }, { thumbprint: "y" }] };
      const found = related(body, "groups", { operation: "update", current: scep });
      expect(found?.kind).to.equal("delta");
      expect(found?.items.map(({ removed }) => removed)).to.deep.equal(["deleted", undefined]);
      refuses(body, "A new entity has nothing", "groups@delta");
      const single = { "root@odata.delta": [] };
      refuses(single, "is for collections", "root@odata.delta", { operation: "update", current: scep });
    });

    it("hold no entities in an update of 4.0", () => {
      const update: Options = { operation: "update", current: scep, version: "4.0" };
      refuses({ groups: [{ thumbprint: "x" }] }, "An update in OData 4.0", "groups", update);
      expect(binding({ groups: [{ "@odata.id": "x" }] }, "groups", update)).to.have.property("replaces", true);
    });

    it("cannot be given in two ways", () => {
      const both = { "groups@odata.bind": ["x"], groups: [{ thumbprint: "y" }] };
      expect(related(both, "groups")?.items).to.have.length(1);
      refuses(both, "given twice", "groups", { operation: "update", current: scep });
      refuses({ root: {}, "root@odata.bind": "x" }, "given twice", "root@odata.bind");
    });

    it("say with an ETag what a 4.01 client wants to change", () => {
      const body = { "@odata.etag": 'W/"1"' };
      expect(read(body).etag).to.equal('W/"1"');
      expect(read(body, { version: "4.0" }).etag).to.equal(undefined);
    });
  });
});

describe("format/defaults", () => {
  const texts: readonly [string, string][] = [
    ["displayName", '""'],
    ["description", "null"],
    ["createdDateTime", '"0001-01-01T00:00:00Z"'],
    ["scepServerUrls", "[]"],
    ["aliases", "[]"],
    ["keySize", "null"],
    ["site", "null"],
  ];
  for (const [name, text] of texts) {
    it(`gives ${text} for ${name}`, () => expect(defaultText(scep.properties.get(name)!)).to.equal(text));
  }

  it("reads declared defaults by their type, as text, too", () => {
    const property = scep.properties.get("keySize")!;
    expect(defaultText({ ...property, defaultValue: "size2048" })).to.equal('"size2048"');
    const number = scep.properties.get("version")!;
    expect(defaultText({ ...number, defaultValue: "7" })).to.equal("7");
    expect(defaultText({ ...number, defaultValue: 7 })).to.equal("7");
    expect(() => defaultText({ ...number, defaultValue: "x" })).to.throw(
      "The default of the property 'shop.devices.profile/version' is wrong",
    );
  });
});
