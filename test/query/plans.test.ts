import { expect } from "chai";
import { bindUri } from "../../src/binding/index.js";
import type { BoundOptions, BoundPath } from "../../src/binding/index.js";
import { buildModel, readClasses } from "../../src/edm/index.js";
import type { DecoratedClass } from "../../src/edm/index.js";
import { GraphService } from "../../src/graph/index.js";
import type { Service } from "../../src/index.js";
import {
  compileCount,
  compileProperty,
  compileRead,
  compileReferences,
  compileRow,
  parameter,
  parameterValues,
  sqlite,
} from "../../src/query/index.js";
import type { SqlContext, SqlStatement, SqlValue } from "../../src/query/index.js";
import { typeOrmMapping } from "../../src/storage/index.js";
import { parseUri } from "../../src/syntax/index.js";
import type { GraphServer } from "../support/graph-server.js";
import { drivers, startGraph } from "../support/graph-server.js";
import { KeyedService, startKeyed } from "../support/keyed-service.js";

/** A service's model and mapping, apart from the service. */
class Compiler {
  readonly model;
  readonly context: SqlContext;
  readonly #service: Service;

  constructor(definition: DecoratedClass, service: Service) {
    const { source, classes } = readClasses(definition);
    this.model = buildModel(source);
    this.context = { mapping: typeOrmMapping(this.model, classes, service.database.dataSource), dialect: sqlite };
    this.#service = service;
  }

  bind(url: string): { path: BoundPath; options: BoundOptions } {
    const bound = bindUri(parseUri(url.replaceAll(" ", "%20")), this.model, { derivedNavigation: true });
    if (bound.kind !== "resource") throw new Error("A resource was expected.");
    return bound;
  }

  read(url: string): SqlStatement {
    const { path, options } = this.bind(url);
    return compileRead(path, options, this.context);
  }

  /** Every statement that a URL can become. */
  all(url: string): SqlStatement[] {
    const { path, options } = this.bind(url);
    const { context } = this;
    if (path.tail.kind === "property") return [compileProperty(path, options, context)];
    if (options.apply !== undefined) return [compileRead(path, options, context)];
    return [
      compileRead(path, options, context),
      ...(path.collection ? [compileCount(path, options, context)] : []),
      compileReferences(path, options, context),
      ...(path.collection ? [] : [compileRow(path, context, context.mapping.entity(path.type).key)]),
    ];
  }

  values(url: string, statement: SqlStatement) {
    const { path, options } = this.bind(url);
    const keys = new Map<number, SqlValue[]>();
    path.segments.forEach((segment, index) => {
      if (segment.kind !== "key") return;
      keys.set(
        index,
        segment.values.map((value, part) => parameter(value, segment.properties[part]!.type)),
      );
    });
    return parameterValues(statement, { keys, limit: options.top, offset: options.skip });
  }

  /** The lines of SQLite's plan. */
  async plan(url: string, statement = this.read(url)): Promise<string[]> {
    const rows = await this.#service.database.reader.rows(
      `explain query plan ${statement.text}`,
      this.values(url, statement),
    );
    return rows.map((row) => String(row[3]));
  }
}

const configurations = "/deviceManagement/deviceConfigurations";
/** A text that is nowhere but in the request. */
const needle = "N33dle'\"--";
const literal = encodeURIComponent(`'${needle.replaceAll("'", "''")}'`);

for (const driver of drivers) {
  describe(`compiled statements (${driver})`, () => {
    let graph: GraphServer;
    let compiler: Compiler;
    let keyed: Awaited<ReturnType<typeof startKeyed>>;
    let keyedCompiler: Compiler;
    before(async () => {
      graph = await startGraph({ driver });
      keyed = await startKeyed({ driver });
      compiler = new Compiler(GraphService, graph.service);
      keyedCompiler = new Compiler(KeyedService, keyed.service);
    });
    after(async () => {
      await graph.close();
      await keyed.close();
    });

    const urls = [
      configurations,
      `${configurations}(${literal})`,
      `${configurations}/a?$select=id,displayName,keySize`,
      `${configurations}(${literal})/assignments`,
      `${configurations}(${literal})/assignments(${literal})`,
      `${configurations}(${literal})/assignments(${literal})/deviceConfiguration/groupAssignments`,
      `${configurations}(${literal})/rootCertificate`,
      `${configurations}(${literal})/displayName`,
      `${configurations}(${literal})/roleScopeTagIds`,
      `${configurations}(${literal})/server/address`,
      `${configurations}/microsoft.graph.iosScepCertificateProfile(${literal})`,
      `${configurations}?$filter=displayName eq ${literal} or contains(description,${literal}) or id in (${literal},null)&$orderby=displayName desc&$top=7777&$skip=8888&$count=true`,
      `${configurations}?$filter=microsoft.graph.iosVpnConfiguration/server/address eq ${literal} and not startswith(displayName,${literal})`,
      `${configurations}?$filter=displayName eq @a&@a=${literal}`,
      `${configurations}?$filter=version gt 7777 and createdDateTime lt 2099-09-09T09:09:09Z`,
      `${configurations}?$expand=assignments($filter=id eq ${literal};$top=7777;$skip=8888;$count=true;$orderby=id desc),groupAssignments,microsoft.graph.iosScepCertificateProfile/rootCertificate`,
      `/deviceConfigurationGroupAssignment?$filter=targetGroupId eq ${literal}`,
      `${configurations}?$compute=length(displayName) add 7777 as N33dleLength&$select=N33dleLength&$orderby=N33dleLength`,
      `${configurations}?$expand=assignments($compute=concat(id,${literal}) as N33dleId;$select=N33dleId;$levels=1),groupAssignments/$count($filter=id gt ${literal})`,
      `${configurations}/$filter(displayName eq ${literal})/$filter(version gt 7777)?$select=id`,
      `${configurations}(${literal})/roleScopeTagIds/$filter($it eq ${literal})?$top=7777`,
      `${configurations}(${literal})/roleScopeTagIds/7777`,
      `${configurations}?$select=roleScopeTagIds($filter=$this eq ${literal};$orderby=$this desc;$top=7777;$skip=8888)`,
      `${configurations}?$apply=filter(displayName eq ${literal})/groupby((displayName),aggregate(version with sum as N33dleSum))/filter(N33dleSum gt 7777)&$orderby=N33dleSum&$top=8888`,
      `${configurations}?$apply=concat(topcount(7777,version)/compute(version add 8888 as N33dleNext),aggregate($count as N33dleCount))`,
    ];
    const openUrls = [
      `/Notes?$filter=N33dleIs eq ${literal}&$orderby=N33dleOrder desc&$select=N33dleMore,title`,
      `/Notes?$compute=N33dleOne as N33dleTwo&$filter=N33dleTwo gt 7777`,
      `/Things?$filter=place/city eq ${literal} and words/any(N33dleWord:N33dleWord eq ${literal})&$select=place/city`,
    ];

    for (const [url, service] of [
      ...urls.map((url) => [url, () => ({ compiler, reader: graph.service.database.reader })] as const),
      ...openUrls.map(
        (url) => [url, () => ({ compiler: keyedCompiler, reader: keyed.service.database.reader })] as const,
      ),
    ]) {
      it(`${decodeURIComponent(url)}: one statement, and what the client wrote only in its parameters`, () => {
        for (const statement of service().compiler.all(url)) {
          expect(statement.text)
            .to.match(/^(?:select|with) /)
            .and.not.contain(";");
          for (const trace of ["N33dle", "7777", "8888", "2099"]) expect(statement.text).to.not.contain(trace);
          const places = statement.text.replace(/'(?:[^']|'')*'/g, "").match(/\?/g)?.length ?? 0;
          expect(service().compiler.values(url, statement)).to.have.length(places);
        }
      });

      it(`${decodeURIComponent(url)}: without a look at the time`, () => {
        for (const { text } of service().compiler.all(url)) expect(text).to.not.contain("odatum_in_time");
      });

      it(`${decodeURIComponent(url)}: understood by the database`, async () => {
        const { compiler: own, reader } = service();
        for (const statement of own.all(url))
          await reader.rows(statement.text, own.values(url, statement), statement.functions);
      });
    }

    for (const url of [
      "/Tags?$filter=related/any(a:a/related/any(b:b/title eq a/title))",
      "/Things?$filter=parts/any(p:p/words/any(w:w eq 'x'))",
      "/Tags?$filter=$root/Things/any(a:a/number eq 1)",
      "/Tags?$filter=$root/Things/$count gt 1",
      "/Tags?$expand=related($filter=related/any())",
      "/Tags?$expand=related($expand=related)",
      "/Tags?$compute=related/$count($filter=related/$count gt 1) as n",
    ]) {
      it(`${url}: looks at the time, for collections stand in collections`, () => {
        expect(keyedCompiler.read(url).text).to.contain("odatum_in_time()");
      });
    }

    it("requests that differ in keys only have the same text", () => {
      const [a, b] = ["a", "b"].map((key) =>
        compiler.read(`${configurations}('${key}')/assignments('${key}${key}')?$select=id`),
      );
      expect(a!.text).to.equal(b!.text);
      expect(a!.parameters).to.deep.equal(b!.parameters);
    });

    describe("use an index, and scan nothing:", () => {
      for (const url of [
        `${configurations}('a')`,
        `${configurations}/a?$select=displayName`,
        `${configurations}('a')/assignments`,
        `${configurations}('a')/assignments('b')`,
        `${configurations}('a')/assignments/$count`,
        `${configurations}('a')/groupAssignments`,
        `${configurations}('a')/deviceStatuses`,
        `${configurations}('a')/deviceStatusOverview`,
        `${configurations}('a')/rootCertificate`,
        `${configurations}('a')/managedDeviceCertificateStates`,
        `${configurations}('a')?$expand=assignments,groupAssignments,deviceStatuses,userStatusOverview`,
        `${configurations}('a')?$expand=microsoft.graph.iosScepCertificateProfile/rootCertificate`,
        `${configurations}('a')/microsoft.graph.iosScepCertificateProfile/rootCertificate`,
        `${configurations}('a')/assignments('b')/deviceConfiguration`,
        `${configurations}?$filter=id eq 'a'`,
        `${configurations}?$filter=id in ('a','b')`,
        "/deviceConfigurationAssignments('a')/deviceConfiguration/assignments",
      ]) {
        it(url, async () => {
          const plan = await compiler.plan(url);
          expect(plan.join("\n")).to.match(/SEARCH .* USING (?:COVERING )?INDEX/);
          for (const line of plan)
            expect(line, plan.join("\n")).to.not.match(/^SCAN (?!CONSTANT|\(?subquery|c$|p$|e\d+x\w+$)/i);
        });
      }

      it("links by their whole key, from both ends and also from numeric keys", async () => {
        for (const [compilerOf, url] of [
          [compiler, `${configurations}('a')/rootCertificate`],
          [keyedCompiler, "/Tags('a')/related"],
          [keyedCompiler, "/Things(1)/parts"],
          [keyedCompiler, "/Things(1)?$expand=parts"],
          [keyedCompiler, "/Things?$expand=parts"],
        ] as const) {
          const link = (await compilerOf.plan(url)).find((line) => / l\w+ USING/.test(line));
          expect(link, url).to.contain("source_table=? AND source_key=? AND property=?");
        }
      });

      it("a page in the order of the key, without sorting", async () => {
        const plan = (await compiler.plan(`${configurations}?$top=10`)).join("\n");
        expect(plan)
          .to.match(/USING INDEX/)
          .and.not.contain("TEMP B-TREE");
      });

      it("a row by a composite key", async () => {
        expect((await keyedCompiler.plan("/Translations(term=1,language='de')")).join("\n")).to.contain(
          "term=? AND language=?",
        );
      });
    });

    it("an Int64 stays whole on its way into a statement", () => {
      const url = "/Things?$filter=big eq 9007199254740993";
      expect(keyedCompiler.values(url, keyedCompiler.read(url))).to.deep.equal(["9007199254740993"]);
    });

    it("a row that is to be changed is read with a name of its own for each column", () => {
      const { path } = keyedCompiler.bind("/Things(1)");
      const statement = compileRow(path, keyedCompiler.context, ["number", "number", "big", "words"]);
      expect(statement.text.match(/ as "(c\d)"/g)).to.have.length(4);
      expect(statement.text).to.contain('cast("e0"."big" as text)');
    });

    it("null compares as OData says: equal to null and to nothing else", async () => {
      for (const title of ["a", null]) await keyed.client.post("/Tags", { name: `null ${String(title)}`, title });
      const names = async (filter: string) =>
        (await keyed.client.get(`/Tags?$filter=${encodeURIComponent(filter)}`)).json.value.map(
          ({ name }: { name: string }) => name,
        );
      const [withValue, without] = ["null a", "null null"];
      for (const [filter, expected] of [
        ["title eq null", [without]],
        ["title ne null", [withValue]],
        ["title eq 'a'", [withValue]],
        ["title ne 'a'", [without]],
        ["not (title eq 'a')", [without]],
        ["not (title ne 'a')", [withValue]],
        ["title gt null", []],
        ["not (title gt 'b')", [withValue, without]],
        ["title le null", []],
        ["title eq barCode", [without]],
        ["title in ('a')", [withValue]],
        ["title in (null)", [without]],
        ["not (title in ('a'))", [without]],
        ["null eq null", [withValue, without]],
        ["null ne null", []],
      ] as const) {
        expect(await names(filter), filter).to.deep.equal(expected);
      }
    });
  });
}
