import { expect } from "chai";
import type { EntityType } from "../../src/edm/index.js";
import { concreteTypes, configurations, createProfile, entityType, ok, plain, sampleEntity } from "../graph/support.js";
import type { Json } from "../graph/support.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";

/** True, false, or null: what an expression is for a row. */
type Truth = boolean | null;
type Predicate = (row: Json) => Truth;

/** A value inside a row; null where there is none. */
const at = (row: Json, path: string): any => path.split("/").reduce<any>((value, name) => value?.[name], row) ?? null;
const isA = (row: Json, type: EntityType) =>
  [type, ...type.derivedTypes].some((candidate) => `#${candidate.qualifiedName}` === row["@odata.type"]);
/** Orders are false with null; a function of null is null. */
const ordered = (a: unknown, b: unknown, holds: (sign: number) => boolean) =>
  a !== null && b !== null && holds(compare(a, b));
const of = <T>(value: T | null, test: (value: T) => boolean): Truth => (value === null ? null : test(value));
const and = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === null || b === null ? null : true;
const or = (a: Truth, b: Truth): Truth => (a === true || b === true ? true : a === null || b === null ? null : false);

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function compare(a: any, b: any): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  // An instant has no zeros at the end of its fraction, so its text does not sort as it does.
  if (INSTANT.test(String(a)) && INSTANT.test(String(b))) return Date.parse(String(a)) - Date.parse(String(b));
  if (typeof a === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return Number(a) < Number(b) ? -1 : 1;
}

describe("queries", () => {
  let graph: GraphServer;
  let rows: Json[];
  const type = (name: string) => entityType(graph.service.model, name);
  const is = (row: Json, name: string) => isA(row, type(name));
  const query = (options: Record<string, string | number>) =>
    Object.entries(options)
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
      .join("&");
  const ask = async (options: Record<string, string | number>, path = configurations) =>
    ok(await graph.client.get(`${path}?${query(options)}`)) as Json & { value: Json[] };
  const ids = async (options: Record<string, string | number>, path = configurations) =>
    (await ask(options, path)).value.map((row) => row.id as string);
  const byId = (a: Json, b: Json) => compare(a.id, b.id);

  const displayNames = [
    "alpha",
    "Alpha",
    "beta",
    "it's 100%_\\",
    "",
    " alpha ",
    "Zeta 10",
    "ÀÉ straße",
    "日本 😀",
    "alphabet",
  ];
  let middle: string;

  before(async () => {
    graph = await startGraph();
    let count = 0;
    const trusted: Record<string, string> = {};
    for (const profile of concreteTypes(graph.service.model, "deviceConfiguration").toSorted((a) =>
      a.name.includes("Trusted") ? -1 : 0,
    )) {
      for (const seed of [0, 1, 2]) {
        const body: Json = seed === 2 ? {} : sampleEntity(profile, seed);
        body.displayName = displayNames[count % displayNames.length];
        body.description = count % 3 === 0 ? null : `description ${String(count % 7)}`;
        if (profile.properties.has("connectionName")) body.connectionName = "the same";
        const platform = /^(ios|macOS|windows81|windowsPhone81)/.exec(profile.name)![0];
        if (profile.navigationProperties.has("rootCertificate") && seed === 0) {
          body["rootCertificate@odata.bind"] = `deviceManagement/deviceConfigurations('${trusted[platform]!}')`;
        }
        const created = await createProfile(graph.client, profile, body);
        if (profile.name.includes("Trusted")) trusted[platform] = created.id;
        for (let version = 0; version < count % 3; version++)
          ok(await graph.client.patch(`${configurations}/${created.id}`, { supportsScopeTags: version === 0 }));
        for (let assignment = 0; assignment < count % 4; assignment++) {
          ok(
            await graph.client.post(`${configurations}/${created.id}/groupAssignments`, {
              targetGroupId: `group ${String(assignment)}`,
              excludeGroup: assignment % 2 === 0,
            }),
            201,
          );
        }
        count++;
      }
    }
    rows = ok(await graph.client.get(configurations)).value as Json[];
    middle = rows.map((row) => String(row.createdDateTime)).toSorted(compare)[Math.floor(rows.length / 2)]!;
  });
  after(() => graph.close());

  /** Conditions, and what they are for a row; each is asked for itself and negated. */
  const conditions: Record<string, Record<string, Predicate>> = {
    "on columns": {
      "displayName eq 'alpha'": (row) => row.displayName === "alpha",
      "displayName ne 'alpha'": (row) => row.displayName !== "alpha",
      "'alpha' eq displayName": (row) => row.displayName === "alpha",
      "displayName eq 'it''s 100%_\\'": (row) => row.displayName === "it's 100%_\\",
      "displayName eq ''": (row) => row.displayName === "",
      "displayName eq '日本 😀'": (row) => row.displayName === "日本 😀",
      "displayName gt 'alpha'": (row) => ordered(row.displayName, "alpha", (sign) => sign > 0),
      "displayName ge 'alpha'": (row) => ordered(row.displayName, "alpha", (sign) => sign >= 0),
      "displayName lt 'alpha'": (row) => ordered(row.displayName, "alpha", (sign) => sign < 0),
      "displayName le 'alpha'": (row) => ordered(row.displayName, "alpha", (sign) => sign <= 0),
      "version eq 1": (row) => row.version === 1,
      "version ne 1": (row) => row.version !== 1,
      "version gt 1": (row) => (row.version as number) > 1,
      "version ge 2": (row) => (row.version as number) >= 2,
      "version lt 2": (row) => (row.version as number) < 2,
      "version le 2": (row) => (row.version as number) <= 2,
      "version lt 2.5": (row) => (row.version as number) < 2.5,
      "version eq 1.0": (row) => row.version === 1,
      "supportsScopeTags eq true": (row) => row.supportsScopeTags === true,
      "supportsScopeTags eq false": (row) => row.supportsScopeTags === false,
      "supportsScopeTags ne true": (row) => row.supportsScopeTags !== true,
      supportsScopeTags: (row) => row.supportsScopeTags as boolean,
    },
    "with null": {
      "description eq null": (row) => row.description === null,
      "description ne null": (row) => row.description !== null,
      "null eq description": (row) => row.description === null,
      "null ne description": (row) => row.description !== null,
      "description eq 'description 1'": (row) => row.description === "description 1",
      "description ne 'description 1'": (row) => row.description !== "description 1",
      "description gt 'description 1'": (row) => ordered(row.description, "description 1", (sign) => sign > 0),
      "description le 'description 1'": (row) => ordered(row.description, "description 1", (sign) => sign <= 0),
      "description eq displayName or version eq 1": (row) => row.version === 1,
      "description in ('description 1','description 2')": (row) =>
        ["description 1", "description 2"].includes(String(row.description)),
      "description in ('description 1',null)": (row) => [null, "description 1"].includes(row.description as string),
      "contains(description,'1')": (row) => of(at(row, "description") as string | null, (text) => text.includes("1")),
      "contains(description,'1') eq true": (row) => String(row.description).includes("1"),
      "contains(description,'1') eq false": (row) => row.description !== null && !String(row.description).includes("1"),
      "contains(description,'1') or version eq 1": (row) =>
        or(
          of(at(row, "description") as string | null, (text) => text.includes("1")),
          row.version === 1,
        ),
      "contains(description,'1') and version eq 1": (row) =>
        and(
          of(at(row, "description") as string | null, (text) => text.includes("1")),
          row.version === 1,
        ),
      "length(description) gt 5": (row) => row.description !== null,
      "length(description) ne 13": (row) => row.description === null || (row.description as string).length !== 13,
      "deviceManagementApplicabilityRuleOsVersion eq null": (row) =>
        row.deviceManagementApplicabilityRuleOsVersion === null,
      "deviceManagementApplicabilityRuleOsVersion ne null": (row) =>
        row.deviceManagementApplicabilityRuleOsVersion !== null,
    },
    "on instants": {
      "createdDateTime ge {middle}": (row) => compare(row.createdDateTime, middle) >= 0,
      "createdDateTime lt {middle}": (row) => compare(row.createdDateTime, middle) < 0,
      "createdDateTime eq {middle}": (row) => row.createdDateTime === middle,
      "createdDateTime ne {middle}": (row) => row.createdDateTime !== middle,
      "createdDateTime in ({middle},2000-01-01T00:00:00Z)": (row) => row.createdDateTime === middle,
      "createdDateTime eq {middle+02:00}": (row) => row.createdDateTime === middle,
      "createdDateTime lt {middle-05:30}": (row) => compare(row.createdDateTime, middle) < 0,
      "createdDateTime lt lastModifiedDateTime": (row) => compare(row.createdDateTime, row.lastModifiedDateTime) < 0,
    },
    "on the document": {
      "certFileName eq null": (row) => at(row, "certFileName") === null,
      "certFileName ne null": (row) => at(row, "certFileName") !== null,
      "startswith(certFileName,'certFileName 1')": (row) =>
        of(at(row, "certFileName") as string | null, (text) => text.startsWith("certFileName 1")),
      "renewalThresholdPercentage gt 0": (row) => ordered(at(row, "renewalThresholdPercentage"), 0, (sign) => sign > 0),
      "renewalThresholdPercentage eq 2147483647": (row) => at(row, "renewalThresholdPercentage") === 2147483647,
      "renewalThresholdPercentage eq -1": (row) => at(row, "renewalThresholdPercentage") === -1,
      "renewalThresholdPercentage lt -0.5": (row) =>
        ordered(at(row, "renewalThresholdPercentage"), -0.5, (sign) => sign < 0),
      "renewalThresholdPercentage in (-1,0)": (row) =>
        [-1, 0].includes(at(row, "renewalThresholdPercentage") as number),
      "enableSplitTunneling eq true": (row) => at(row, "enableSplitTunneling") === true,
      "enableSplitTunneling eq false": (row) => at(row, "enableSplitTunneling") === false,
      "enableSplitTunneling ne false": (row) => at(row, "enableSplitTunneling") !== false,
      enableSplitTunneling: (row) => at(row, "enableSplitTunneling") as Truth,
      "disconnectOnIdle eq null": (row) => at(row, "disconnectOnIdle") === null,
      "trustedRootCertificate eq binary''": (row) => at(row, "trustedRootCertificate") === "",
    },
    "on types": {
      "microsoft.graph.iosVpnConfiguration/connectionName eq 'the same'": (row) => is(row, "iosVpnConfiguration"),
      "graph.iosVpnConfiguration/connectionName eq 'the same'": (row) => is(row, "iosVpnConfiguration"),
      "microsoft.graph.iosVpnConfiguration/connectionName ne 'the same'": (row) => !is(row, "iosVpnConfiguration"),
      "microsoft.graph.iosVpnConfiguration/connectionName eq null": (row) => !is(row, "iosVpnConfiguration"),
      "microsoft.graph.iosVpnConfiguration/displayName gt 'b'": (row) =>
        is(row, "iosVpnConfiguration") && ordered(row.displayName, "b", (sign) => sign > 0),
      "microsoft.graph.iosVpnConfiguration/displayName ne null": (row) => is(row, "iosVpnConfiguration"),
      "microsoft.graph.iosTrustedRootCertificate/certFileName ne null": (row) =>
        is(row, "iosTrustedRootCertificate") && at(row, "certFileName") !== null,
      "microsoft.graph.iosVpnConfiguration/server/address ne null": (row) =>
        is(row, "iosVpnConfiguration") && at(row, "server/address") !== null,
    },
    "on nested paths": {
      "server/address eq null": (row) => at(row, "server/address") === null,
      "startswith(server/address,'address 0')": (row) =>
        of(at(row, "server/address") as string | null, (text) => text.startsWith("address 0")),
      "server/isDefaultServer eq true": (row) => at(row, "server/isDefaultServer") === true,
      "microsoft.graph.iosVpnConfiguration/proxyServer/port gt 0": (row) =>
        is(row, "iosVpnConfiguration") && ordered(at(row, "proxyServer/port"), 0, (sign) => sign > 0),
      "microsoft.graph.appleVpnConfiguration/proxyServer/microsoft.graph.windows81VpnProxyServer/address ne null": (
        row,
      ) =>
        is(row, "appleVpnConfiguration") &&
        at(row, "proxyServer/@odata.type") === "#microsoft.graph.windows81VpnProxyServer",
      "microsoft.graph.appleVpnConfiguration/proxyServer/microsoft.graph.windows10VpnProxyServer/address eq null": (
        row,
      ) =>
        !is(row, "appleVpnConfiguration") ||
        at(row, "proxyServer/@odata.type") !== "#microsoft.graph.windows10VpnProxyServer",
      "contains(deviceManagementApplicabilityRuleOsVersion/minOSVersion,'1')": (row) =>
        of(at(row, "deviceManagementApplicabilityRuleOsVersion/minOSVersion") as string | null, (text) =>
          text.includes("1"),
        ),
    },
    "on enumerations": {
      "providerType eq 'packetTunnel'": (row) => at(row, "providerType") === "packetTunnel",
      "providerType eq microsoft.graph.vpnProviderType'packetTunnel'": (row) =>
        at(row, "providerType") === "packetTunnel",
      "providerType ne 'packetTunnel'": (row) => at(row, "providerType") !== "packetTunnel",
      "providerType in ('appProxy','packetTunnel')": (row) =>
        ["appProxy", "packetTunnel"].includes(String(at(row, "providerType"))),
      "providerType eq null": (row) => at(row, "providerType") === null,
      "deviceManagementApplicabilityRuleOsVersion/ruleType eq 'exclude'": (row) =>
        at(row, "deviceManagementApplicabilityRuleOsVersion/ruleType") === "exclude",
    },
    "with functions": {
      "contains(displayName,'lph')": (row) => String(row.displayName).includes("lph"),
      "contains(displayName,'%_')": (row) => String(row.displayName).includes("%_"),
      "contains(displayName,'_')": (row) => String(row.displayName).includes("_"),
      "contains(displayName,'😀')": (row) => String(row.displayName).includes("😀"),
      "startswith(displayName,'alpha')": (row) => String(row.displayName).startsWith("alpha"),
      "startswith(displayName,'it''s 1')": (row) => String(row.displayName).startsWith("it's 1"),
      "endswith(displayName,'a')": (row) => String(row.displayName).endsWith("a"),
      "endswith(displayName,'\\')": (row) => String(row.displayName).endsWith("\\"),
      "endswith(displayName,displayName)": () => true,
      "startswith(displayName,'')": () => true,
      "endswith(displayName,'')": () => true,
      "contains(displayName,'')": () => true,
      "contains(displayName,displayName)": () => true,
      "tolower(displayName) eq 'alpha'": (row) => String(row.displayName).toLowerCase() === "alpha",
      "toupper(displayName) eq 'ALPHA'": (row) => String(row.displayName).toUpperCase() === "ALPHA",
      "trim(displayName) eq 'alpha'": (row) => String(row.displayName).trim() === "alpha",
      "length(displayName) eq 5": (row) => [...String(row.displayName)].length === 5,
      "length(trim(displayName)) gt 5": (row) => [...String(row.displayName).trim()].length > 5,
      "length(displayName) eq 0": (row) => row.displayName === "",
      "contains(tolower(displayName),'alpha')": (row) => String(row.displayName).toLowerCase().includes("alpha"),
      "contains(displayName,'a') eq startswith(displayName,'a')": (row) =>
        String(row.displayName).includes("a") === String(row.displayName).startsWith("a"),
      "contains('xalphax',displayName)": (row) => "xalphax".includes(String(row.displayName)),
    },
    "with logic": {
      true: () => true,
      false: () => false,
      null: () => null,
      "not true": () => false,
      "1 eq 1": () => true,
      "null eq null": () => true,
      "null ne null": () => false,
      "version eq 1 and displayName eq 'alpha'": (row) => row.version === 1 && row.displayName === "alpha",
      "version eq 1 or displayName eq 'alpha'": (row) => row.version === 1 || row.displayName === "alpha",
      "version eq 1 or displayName eq 'alpha' and version eq 2": (row) =>
        row.version === 1 || (row.displayName === "alpha" && row.version === 2),
      "(version eq 1 or displayName eq 'alpha') and version eq 2": (row) =>
        row.displayName === "alpha" && row.version === 2,
      "not (version eq 1) and displayName eq 'alpha'": (row) => row.version !== 1 && row.displayName === "alpha",
      "not contains(displayName,'a')": (row) => !String(row.displayName).includes("a"),
      "not not (version eq 1)": (row) => row.version === 1,
      "(version eq 1) eq (displayName eq 'alpha')": (row) => (row.version === 1) === (row.displayName === "alpha"),
      "(version gt 1) eq true": (row) => (row.version as number) > 1,
      "displayName in ('alpha')": (row) => row.displayName === "alpha",
      "displayName in ('alpha','beta','nothing')": (row) => ["alpha", "beta"].includes(String(row.displayName)),
      "not (displayName in ('alpha','beta'))": (row) => !["alpha", "beta"].includes(String(row.displayName)),
      "version in (1,3)": (row) => [1, 3].includes(row.version as number),
      "true eq (description eq null)": (row) => row.description === null,
      "(not (description eq null)) eq false": (row) => row.description === null,
    },
  };

  const fill = (condition: string) =>
    condition.replace(
      /\{middle([+-])?(\d\d)?:?(\d\d)?\}/g,
      (_, sign: string | undefined, hours: string, minutes: string) => {
        if (sign === undefined) return middle;
        const shift = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "+" ? 1 : -1);
        return `${new Date(Date.parse(middle) + shift).toISOString().slice(0, -1)}${sign}${hours}:${minutes}`;
      },
    );

  for (const [kind, all] of Object.entries(conditions)) {
    describe(`$filter ${kind}`, () => {
      for (const [condition, predicate] of Object.entries(all)) {
        it(condition, async () => {
          const matching = (wanted: Truth) =>
            rows
              .filter((row) => predicate(row) === wanted)
              .toSorted(byId)
              .map((row) => row.id);
          expect(await ids({ $filter: fill(condition), $orderby: "id" })).to.deep.equal(matching(true));
          expect(await ids({ $filter: `not (${fill(condition)})`, $orderby: "id" }), "negated").to.deep.equal(
            matching(false),
          );
          expect(
            (await graph.client.get(`${configurations}/$count?${query({ $filter: fill(condition) })}`)).text,
          ).to.equal(String(matching(true).length));
          expect((await ask({ $filter: fill(condition), $count: "true", $top: 0 }))["@odata.count"]).to.equal(
            matching(true).length,
          );
        });
      }
    });
  }

  it("the conditions tell rows apart, all but the few that are meant not to", () => {
    const same = Object.values(conditions)
      .flatMap((all) => Object.entries(all))
      .filter(([, predicate]) => new Set(rows.map(predicate)).size === 1)
      .map(([condition]) => condition);
    expect(
      same.every((condition) =>
        /^(true|false|null|not true|1 eq 1|null (eq|ne) null|(startswith|endswith|contains)\(displayName,(''|displayName)\))$/.test(
          condition,
        ),
      ),
      same.join("; "),
    ).to.equal(true);
  });

  describe("$filter over contained and related entities", () => {
    it("holds for their own properties", async () => {
      const owner = rows.find((_, index) => index % 4 === 3)!;
      const path = `${configurations}/${String(owner.id)}/groupAssignments`;
      const all = ok(await graph.client.get(path)).value as Json[];
      expect(await ids({ $filter: "excludeGroup eq true", $orderby: "id" }, path)).to.deep.equal(
        all
          .filter((row) => row.excludeGroup === true)
          .toSorted(byId)
          .map((row) => row.id),
      );
      expect(await ids({ $filter: "targetGroupId gt 'group 0'", $orderby: "id" }, path)).to.deep.equal(
        all
          .filter((row) => String(row.targetGroupId) > "group 0")
          .toSorted(byId)
          .map((row) => row.id),
      );
    });

    it("compares instants in documents by time, whatever digits and offset they came with", async () => {
      const { id } = await createProfile(graph.client, "iosPkcsCertificateProfile");
      const path = `${configurations}/${id}/managedDeviceCertificateStates`;
      try {
        const instants = [
          "2024-01-01T00:00:00Z",
          "2024-01-01T00:00:00.5Z",
          "2024-01-01T00:00:00.123456789Z",
          "2024-01-01T00:00:01Z",
          "2023-12-31T23:59:59.999Z",
          "2024-01-01T01:00:00+01:00",
        ];
        for (const instant of instants)
          ok(
            await graph.client.post(path, {
              certificateIssuanceDateTime: instant,
              certificateExpirationDateTime: instant,
            }),
            201,
          );
        const time = (text: string) => Date.parse(text);
        for (const name of ["certificateIssuanceDateTime", "certificateExpirationDateTime"]) {
          for (const [operator, holds] of [
            ["eq", (a: number, b: number) => a === b],
            ["ne", (a: number, b: number) => a !== b],
            ["lt", (a: number, b: number) => a < b],
            ["ge", (a: number, b: number) => a >= b],
          ] as const) {
            for (const literal of instants) {
              const found = await ids({ $filter: `${name} ${operator} ${literal}` }, path);
              expect(found.length, `${name} ${operator} ${literal}`).to.equal(
                instants.filter((instant) => holds(time(instant), time(literal))).length,
              );
            }
          }
          const sorted = (await ask({ $orderby: name }, path)).value.map((row) => time(String(row[name])));
          expect(sorted).to.deep.equal(instants.map(time).toSorted((a, b) => a - b));
        }
      } finally {
        ok(await graph.client.delete(`${configurations}/${id}`), 204);
      }
    });
  });

  const refused: [option: string, value: string, status: number][] = [
    ["$filter", "nothing eq 1", 400],
    ["$filter", "displayName eq 1", 400],
    ["$filter", "displayName", 400],
    ["$filter", "version eq 'a'", 400],
    ["$filter", "providerType eq 'nothing'", 400],
    ["$filter", "contains(displayName)", 400],
    ["$filter", "contains(version,'1')", 400],
    ["$filter", "displayName eq 'a", 400],
    ["$filter", "displayName eq", 400],
    ["$filter", "microsoft.graph.nothing/displayName eq 'a'", 400],
    ["$filter", "microsoft.graph.deviceManagement/id eq 'a'", 400],
    ["$filter", "displayName/x eq 'a'", 400],
    ["$filter", "not displayName", 400],
    ["$orderby", "nothing", 400],
    ["$orderby", "displayName up", 400],
    ["$orderby", "deviceManagementApplicabilityRuleOsVersion", 400],
    ["$select", "nothing", 400],
    ["$select", "", 400],
    ["$expand", "nothing", 400],
    ["$expand", "displayName", 400],
    ["$expand", "groupAssignments,groupAssignments", 400],
    ["$top", "-1", 400],
    ["$top", "x", 400],
    ["$skip", "-1", 400],
    ["$count", "yes", 400],
    ["$nothing", "1", 400],
  ];
  for (const [option, value, status] of refused) {
    it(`${option}=${value} is ${status}, and the message names what is wrong`, async () => {
      const { error } = ok(await graph.client.get(`${configurations}?${query({ [option]: value })}`), status);
      expect(error.message).to.be.a("string").and.to.have.length.greaterThan(10);
      expect(error.message).not.to.match(/sqlite|undefined|\[object|at Object/i);
    });
  }

  it("an option that stands twice is refused", async () => {
    ok(await graph.client.get(`${configurations}?$top=1&$top=2`), 400);
    ok(await graph.client.get(`${configurations}?$top=1&top=2`), 400);
  });

  describe("$orderby", () => {
    const key = (path: string) => (row: Json) => at(row, path) as unknown;
    const table: [orderby: string, keys: readonly (readonly [(row: Json) => unknown, 1 | -1])[]][] = [
      ["displayName", [[key("displayName"), 1]]],
      ["displayName asc", [[key("displayName"), 1]]],
      ["displayName desc", [[key("displayName"), -1]]],
      ["description", [[key("description"), 1]]],
      ["description desc", [[key("description"), -1]]],
      [
        "version desc,displayName",
        [
          [key("version"), -1],
          [key("displayName"), 1],
        ],
      ],
      [
        "supportsScopeTags,description desc,displayName desc",
        [
          [key("supportsScopeTags"), 1],
          [key("description"), -1],
          [key("displayName"), -1],
        ],
      ],
      ["createdDateTime desc", [[key("createdDateTime"), -1]]],
      ["renewalThresholdPercentage", [[key("renewalThresholdPercentage"), 1]]],
      ["renewalThresholdPercentage desc", [[key("renewalThresholdPercentage"), -1]]],
      ["enableSplitTunneling desc", [[key("enableSplitTunneling"), -1]]],
      ["certFileName", [[key("certFileName"), 1]]],
      ["server/address desc", [[key("server/address"), -1]]],
      [
        "microsoft.graph.iosVpnConfiguration/connectionName desc",
        [[(row) => (is(row, "iosVpnConfiguration") ? row.connectionName : null), -1]],
      ],
      ["length(displayName)", [[(row) => [...String(row.displayName)].length, 1]]],
      ["tolower(trim(displayName)) desc", [[(row) => String(row.displayName).trim().toLowerCase(), -1]]],
      ["displayName eq 'alpha'", [[(row) => row.displayName === "alpha", 1]]],
      [
        "contains(description,'1') desc",
        [[(row) => of(at(row, "description") as string | null, (text) => text.includes("1")), -1]],
      ],
      ["id", []],
      ["id desc", [[key("id"), -1]]],
    ];
    for (const [orderby, keys] of table) {
      it(`${orderby}, null before everything else, ties by key`, async () => {
        const expected = rows.toSorted((a, b) => {
          for (const [value, direction] of keys) {
            const sign = compare(value(a) ?? null, value(b) ?? null) * direction;
            if (sign !== 0) return sign;
          }
          return byId(a, b);
        });
        expect(await ids({ $orderby: orderby })).to.deep.equal(expected.map((row) => row.id));
      });
    }
  });

  describe("$top and $skip", () => {
    const ordered = async (more: Record<string, string | number>) =>
      ids({ $orderby: "version desc,displayName", ...more });
    for (const [top, skip] of [
      [0, 0],
      [1, 0],
      [5, 5],
      [1000, 0],
      [5, 1000],
      [0, 5],
    ] as const) {
      it(`$top=${top}, $skip=${skip} is that part of the whole`, async () => {
        const all = await ordered({});
        expect(await ordered({ $top: top, $skip: skip })).to.deep.equal(all.slice(skip, skip + top));
        expect(await ordered({ $skip: skip })).to.deep.equal(all.slice(skip));
        expect(await ordered({ $top: top })).to.deep.equal(all.slice(0, top));
      });
    }
    for (const orderby of ["version", "supportsScopeTags desc", "description,version"]) {
      it(`pages by ${orderby} hold every entity once`, async () => {
        const all = await ids({ $orderby: orderby });
        const pages = [];
        for (let skip = 0; skip < all.length; skip += 7)
          pages.push(...(await ids({ $orderby: orderby, $top: 7, $skip: skip })));
        expect(pages).to.deep.equal(all);
        expect(new Set(pages).size).to.equal(rows.length);
      });
    }
    it("are the same without an order, too", async () => {
      const all = await ids({});
      expect([...(await ids({ $top: 10 })), ...(await ids({ $skip: 10 }))]).to.deep.equal(all);
    });
    it("come after $filter, and $count before them", async () => {
      const all = rows
        .filter((row) => row.version === 1)
        .toSorted(byId)
        .map((row) => row.id);
      const page = await ask({ $filter: "version eq 1", $orderby: "id", $top: 2, $skip: 1, $count: "true" });
      expect(page.value.map((row) => row.id)).to.deep.equal(all.slice(1, 3));
      expect(page["@odata.count"]).to.equal(all.length);
    });
  });

  describe("$select", () => {
    const pick = (row: Json, names: readonly string[]) =>
      Object.fromEntries(names.filter((name) => name in row).map((name) => [name, row[name]]));
    for (const names of [
      ["id"],
      ["displayName", "version"],
      ["certFileName"],
      ["displayName", "server", "roleScopeTagIds"],
      ["connectionName", "id"],
      ["createdDateTime", "description", "supportsScopeTags"],
    ]) {
      it(`${names.join()} shows these, of the entities that have them`, async () => {
        const found = (await ask({ $select: names.join(), $orderby: "id" })).value;
        const expected = rows.toSorted(byId);
        expect(found.map(plain)).to.deep.equal(expected.map((row) => pick(row, names)));
        expect(found.map((row) => row["@odata.type"])).to.deep.equal(expected.map((row) => row["@odata.type"]));
      });
    }
    it("* shows everything", async () => {
      expect((await ask({ $select: "*", $orderby: "id" })).value).to.deep.equal(rows.toSorted(byId));
      expect((await ask({ $select: "id,*", $orderby: "id" })).value).to.deep.equal(rows.toSorted(byId));
    });
    it("takes blanks, and a name twice", async () => {
      expect(Object.keys(plain((await ask({ $select: "id , displayName,id", $top: 1 })).value[0]!))).to.have.members([
        "id",
        "displayName",
      ]);
    });
    it("behind a cast shows the property of that type's entities only", async () => {
      const found = (await ask({ $select: "id,microsoft.graph.iosVpnConfiguration/connectionName", $orderby: "id" }))
        .value;
      expect(found.map(plain)).to.deep.equal(
        rows.toSorted(byId).map((row) => pick(row, is(row, "iosVpnConfiguration") ? ["id", "connectionName"] : ["id"])),
      );
    });
    it("of a navigation property is no error, and shows no structural one", async () => {
      expect(plain((await ask({ $select: "groupAssignments", $top: 1 })).value[0]!)).to.deep.equal({});
    });
    it("of a derived type is possible behind a cast segment", async () => {
      const found = (
        await ask({ $select: "certFileName" }, `${configurations}/microsoft.graph.iosTrustedRootCertificate`)
      ).value;
      expect(found).to.have.length(3);
      for (const row of found) expect(Object.keys(plain(row))).to.deep.equal(["certFileName"]);
    });
  });

  describe("$expand", () => {
    const related = async (row: Json, path: string) => {
      const answer = await graph.client.get(`${configurations}/${String(row.id)}/${path}`);
      return answer.status === 204 ? null : (ok(answer) as Json & { value?: Json[] });
    };
    const entity = ({ "@odata.context": _context, ...rest }: Json) => rest;

    it("of a collection shows what its own path shows", async () => {
      const found = (await ask({ $expand: "groupAssignments", $orderby: "id" })).value;
      expect(found.map(({ groupAssignments: _assignments, ...rest }) => rest)).to.deep.equal(rows.toSorted(byId));
      for (const row of found)
        expect(row.groupAssignments).to.deep.equal((await related(row, "groupAssignments"))!.value);
    });
    it("of a single one, null where nothing is tied, and absent where the type has none", async () => {
      const found = (await ask({ $expand: "rootCertificate" })).value;
      const kinds = new Set<string>();
      for (const row of found) {
        const declares = concreteTypes(graph.service.model, "deviceConfiguration")
          .find((candidate) => isA(row, candidate) && `#${candidate.qualifiedName}` === row["@odata.type"])!
          .navigationProperties.has("rootCertificate");
        if (!declares) expect(row).not.to.have.property("rootCertificate");
        else {
          const target = await related(row, "rootCertificate");
          expect(row.rootCertificate).to.deep.equal(target === null ? null : entity(target));
        }
        kinds.add(row.rootCertificate === undefined ? "absent" : row.rootCertificate === null ? "null" : "there");
      }
      expect([...kinds]).to.have.members(["absent", "null", "there"]);
    });
    it("behind a cast is of that type's entities only", async () => {
      const found = (await ask({ $expand: "microsoft.graph.iosScepCertificateProfile/rootCertificate" })).value;
      for (const row of found) expect("rootCertificate" in row).to.equal(is(row, "iosScepCertificateProfile"));
      expect(found.filter((row) => row.rootCertificate !== undefined && row.rootCertificate !== null)).not.to.be.empty;
    });
    it("of one name behind several casts", async () => {
      const names = ["iosScepCertificateProfile", "macOSScepCertificateProfile"];
      const found = (await ask({ $expand: names.map((name) => `microsoft.graph.${name}/rootCertificate`).join() }))
        .value;
      for (const row of found) expect("rootCertificate" in row).to.equal(names.some((name) => is(row, name)));
    });
    it("of several, with $select beside it", async () => {
      const found = (await ask({ $expand: "groupAssignments,assignments,deviceStatusOverview", $select: "id" })).value;
      for (const row of found) {
        expect(Object.keys(plain(row))).to.have.members([
          "id",
          "groupAssignments",
          "assignments",
          "deviceStatusOverview",
        ]);
        expect((row.assignments as Json[]).length).to.equal((row.groupAssignments as Json[]).length);
        expect(row.deviceStatusOverview).to.equal(null);
      }
    });
    it("of an abstract target shows its actual type", async () => {
      const { id } = await createProfile(graph.client, "iosVpnConfiguration", {
        "identityCertificate@odata.bind": `deviceManagement/deviceConfigurations('${String(rows.find((row) => is(row, "iosScepCertificateProfile"))!.id)}')`,
      });
      const found = ok(await graph.client.get(`${configurations}/${id}?$expand=identityCertificate`));
      expect(found.identityCertificate["@odata.type"]).to.equal("#microsoft.graph.iosScepCertificateProfile");
      ok(await graph.client.delete(`${configurations}/${id}`), 204);
    });

    const nested: [options: string, shape: (all: Json[]) => Json[]][] = [
      ["$select=targetGroupId", (all) => all.map((item) => ({ targetGroupId: item.targetGroupId }))],
      ["$filter=excludeGroup eq true", (all) => all.filter((item) => item.excludeGroup === true)],
      [
        "$filter=targetGroupId eq 'group 1' or not excludeGroup",
        (all) => all.filter((item) => item.targetGroupId === "group 1" || item.excludeGroup === false),
      ],
      ["$orderby=targetGroupId desc", (all) => all.toSorted((a, b) => -compare(a.targetGroupId, b.targetGroupId))],
      [
        "$orderby=targetGroupId;$top=1",
        (all) => all.toSorted((a, b) => compare(a.targetGroupId, b.targetGroupId)).slice(0, 1),
      ],
      [
        "$orderby=targetGroupId;$skip=1",
        (all) => all.toSorted((a, b) => compare(a.targetGroupId, b.targetGroupId)).slice(1),
      ],
      [
        "$orderby=targetGroupId;$top=1;$skip=1",
        (all) => all.toSorted((a, b) => compare(a.targetGroupId, b.targetGroupId)).slice(1, 2),
      ],
      [
        "orderby=excludeGroup,targetGroupId desc;select=targetGroupId,excludeGroup",
        (all) =>
          all
            .toSorted((a, b) => compare(a.excludeGroup, b.excludeGroup) || -compare(a.targetGroupId, b.targetGroupId))
            .map(({ targetGroupId, excludeGroup }) => ({ targetGroupId, excludeGroup })),
      ],
      ["$top=0", () => []],
    ];
    for (const [options, shape] of nested) {
      it(`takes ${options}`, async () => {
        const whole = (await ask({ $expand: "groupAssignments", $orderby: "id" })).value;
        const found = (await ask({ $expand: `groupAssignments(${options})`, $orderby: "id" })).value;
        expect(found.map((row) => (row.groupAssignments as Json[]).map(plain))).to.deep.equal(
          whole.map((row) => shape(row.groupAssignments as Json[]).map(plain)),
        );
      });
    }
    it("takes $count, which $top does not change and $filter does", async () => {
      const found = (await ask({ $expand: "groupAssignments($count=true;$top=1;$filter=excludeGroup eq true)" })).value;
      const whole = new Map(
        (await ask({ $expand: "groupAssignments" })).value.map((row) => [row.id, row.groupAssignments as Json[]]),
      );
      for (const row of found) {
        const expected = whole.get(row.id)!.filter((item) => item.excludeGroup === true).length;
        expect(row["groupAssignments@odata.count"]).to.equal(expected);
        expect((row.groupAssignments as Json[]).length).to.equal(Math.min(1, expected));
      }
    });
    it("takes $select for a single one", async () => {
      const found = (await ask({ $expand: "rootCertificate($select=displayName)" })).value.filter(
        (row) => row.rootCertificate !== undefined && row.rootCertificate !== null,
      );
      for (const row of found) expect(Object.keys(plain(row.rootCertificate as Json))).to.deep.equal(["displayName"]);
    });
    it("takes no options of collections for a single one", async () => {
      ok(await graph.client.get(`${configurations}?$expand=rootCertificate($top=1)`), 400);
    });
    it("* shows every navigation property of the type", async () => {
      const [row] = (await ask({ $expand: "*", $top: 1 })).value;
      expect(row).to.include.all.keys(...type("deviceConfiguration").navigationProperties.keys());
    });
    it("goes to further levels", async () => {
      const found = (await ask({ $expand: "rootCertificate($expand=groupAssignments($select=id))" })).value.filter(
        (row) => row.rootCertificate !== undefined && row.rootCertificate !== null,
      );
      expect(found).not.to.be.empty;
      for (const row of found) {
        const { value } = (await related(row, "rootCertificate/groupAssignments"))!;
        expect(((row.rootCertificate as Json).groupAssignments as Json[]).map((item) => item.id)).to.deep.equal(
          value!.map((item) => item.id),
        );
      }
    });
    it("goes along with $filter, $orderby and paging of the outer entities", async () => {
      const page = await ask({
        $expand: "groupAssignments",
        $filter: "version eq 1",
        $orderby: "displayName desc,id",
        $top: 3,
        $count: "true",
      });
      const expected = rows
        .filter((row) => row.version === 1)
        .toSorted((a, b) => -compare(a.displayName, b.displayName) || byId(a, b));
      expect(page.value.map((row) => row.id)).to.deep.equal(expected.slice(0, 3).map((row) => row.id));
      expect(page["@odata.count"]).to.equal(expected.length);
    });
  });

  describe("spelling", () => {
    const alpha = () =>
      rows
        .filter((row) => row.displayName === "alpha")
        .toSorted(byId)
        .map((row) => row.id);
    const spellings: Record<string, string> = {
      "an alias": "$filter=displayName eq @name&$orderby=id&@name='alpha'",
      "an alias before its use": "@name='alpha'&$filter=displayName eq @name&$orderby=id",
      "an alias twice": "$filter=displayName eq @name and startswith(displayName,@name)&@name='alpha'&$orderby=id",
      "an alias for a condition": "$filter=@condition&@condition=displayName eq 'alpha'&$orderby=id",
      "options without $": "filter=displayName eq 'alpha'&orderby=id",
      "options in other cases": "$FILTER=displayName eq 'alpha'&$OrderBy=id",
      "options in other cases without $": "Filter=displayName eq 'alpha'&ORDERBY=id",
      "operators in other cases": "$filter=displayName EQ 'alpha' AND NOT (version Lt 0)&$orderby=id",
      "functions in other cases":
        "$filter=StartsWith(displayName,'alpha') and length(displayName) eq 5&$orderby=id ASC",
      "more blanks": "$filter=displayName   eq   'alpha'&$orderby=id  asc",
      "custom options beside": "$filter=displayName eq 'alpha'&$orderby=id&custom=1",
    };
    for (const [what, text] of Object.entries(spellings)) {
      it(what, async () => {
        for (const blank of ["%20", "+"]) {
          const found = ok(await graph.client.get(`${configurations}?${text.replaceAll(" ", blank)}`)).value as Json[];
          expect(found.map((row) => row.id)).to.deep.equal(alpha());
        }
      });
    }
    it("an alias without a value is null", async () => {
      expect(await ids({ $filter: "description eq @nothing", $orderby: "id" })).to.deep.equal(
        rows
          .filter((row) => row.description === null)
          .toSorted(byId)
          .map((row) => row.id),
      );
    });
    it("an alias with another value is another question", async () => {
      for (const name of ["alpha", "beta"]) {
        expect(await ids({ $filter: "displayName eq @name", "@name": `'${name}'`, $orderby: "id" })).to.deep.equal(
          rows
            .filter((row) => row.displayName === name)
            .toSorted(byId)
            .map((row) => row.id),
        );
      }
    });
  });
});
