import { expect } from "chai";
import { jsonProblems, needSchemas, xmlProblems } from "../support/csdl-schemas.js";
import { conformance } from "./support.js";

type Json = Record<string, any>;

conformance(
  "OData 4.01 CSDL",
  ({ catalog, graph }) => {
    const xml = async () => (await catalog().get("/$metadata")).text;
    const json = (): Promise<Json> => catalog().json("/$metadata?$format=json");
    const schema = async () => (await json()).ComplianceService as Json;
    const container = async () => (await schema()).Container as Json;

    describe("by the schemas of OASIS", () => {
      before(needSchemas);

      it("XML 3 and JSON 3: both documents of both services conform, in 4.0 and in 4.01", async function () {
        this.timeout(120_000);
        for (const service of [catalog(), graph()]) {
          for (const version of ["4.0", "4.01"]) {
            const headers = { "odata-maxversion": version };
            expect(await xmlProblems((await service.get("/$metadata?$format=xml", { headers })).text)).to.deep.equal(
              [],
            );
          }
          expect(jsonProblems(await service.json("/$metadata?$format=json"))).to.deep.equal([]);
        }
      });
    });

    it("3 the document is XML where nothing else is asked for, and JSON for who accepts JSON", async () => {
      const plain = await catalog().get("/$metadata");
      expect(plain.headers["content-type"]).to.match(/^application\/xml/);
      const accepted = await catalog().get("/$metadata", { headers: { accept: "application/json" } });
      expect(accepted.headers["content-type"]).to.match(/^application\/json/);
      expect(accepted.json.$EntityContainer).to.equal("ComplianceService.Container");
      expect((await catalog().get("/$metadata", { headers: { accept: "text/html" } })).status).to.equal(406);
    });

    it("3.1 the version is the one that was agreed on", async () => {
      for (const version of ["4.0", "4.01"]) {
        const headers = { "odata-maxversion": version };
        expect((await catalog().get("/$metadata", { headers })).text).to.contain(`Version="${version}"`);
        const document = await catalog().json("/$metadata?$format=json", headers);
        expect(document.$Version).to.equal(version);
      }
    });

    it("3.3 and 3.4 every vocabulary that annotations use is referenced, by namespace and alias", async () => {
      const document = await json();
      const included = Object.values(document.$Reference as Json).flatMap(({ $Include }: Json) => $Include as Json[]);
      const known = new Set(included.flatMap(({ $Namespace, $Alias }) => [$Namespace, $Alias]));
      for (const term of termsOf(document)) {
        const namespace = term.slice(0, term.lastIndexOf("."));
        if (namespace !== "ComplianceService") expect(known.has(namespace), term).to.equal(true);
      }
      for (const [, term] of (await xml()).matchAll(/<Annotation Term="([^"]+)\.\w+"/g))
        expect(known.has(term), term).to.equal(true);
    });

    it("4 XML and JSON say the same types, sets and operations", async () => {
      const text = await xml();
      const names = (element: string) =>
        [...text.matchAll(new RegExp(`<${element} Name="(\\w+)"`, "g"))].map(([, name]) => name);
      const own = await schema();
      const kinds = (kind: string) =>
        Object.entries(own).flatMap(([name, item]) =>
          (Array.isArray(item) ? item : [item]).flatMap((one: Json) => (one.$Kind === kind ? [name] : [])),
        );
      for (const kind of [
        "EntityType",
        "ComplexType",
        "EnumType",
        "TypeDefinition",
        "Function",
        "Action",
        "EntityContainer",
      ])
        expect(kinds(kind), kind).to.have.members(names(kind));
    });

    it("6 and 7 entity types: keys, base types, streams, and the facets of properties", async () => {
      const own = await schema();
      expect(own.ProductDescription.$Key).to.deep.equal(["ProductID", "LanguageKey"]);
      expect(own.SpecialProduct.$BaseType).to.equal("ComplianceService.Product");
      expect(own.MediaItem.$HasStream).to.equal(true);
      expect(own.Product.Name).to.deep.include({ $MaxLength: 100 }).and.not.have.property("$Nullable");
      expect(own.Product.Description).to.deep.include({ $MaxLength: 500, $Nullable: true });
      expect(own.DecimalSample.Amount).to.deep.include({ $Type: "Edm.Decimal", $Precision: 38, $Scale: 18 });
      expect(own.Product.Location).to.deep.include({ $Type: "Edm.GeographyPoint", $SRID: "4326" });
      expect(own.Product.Photo.$Type).to.equal("Edm.Stream");
    });

    it("6.5 properties of a key are not nullable", async () => {
      for (const type of Object.values(await schema()) as Json[])
        for (const name of (type.$Key ?? []) as string[]) expect(type[name], name).not.to.have.property("$Nullable");
    });

    it("7.2 facets hold: longer texts, more digits and nulls are refused", async () => {
      const product = { Name: "x", Price: 1, Status: "None" };
      const wrong: readonly (readonly [set: string, body: object])[] = [
        ["Products", { ...product, Name: "x".repeat(101) }],
        ["Products", { ...product, Name: null }],
        ["Products", { ...product, Rating: 256 }],
        ["Products", { ...product, Temperature: -129 }],
        ["Products", { ...product, Quantity: 32768 }],
        ["Products", { ...product, ShippingAddress: { State: "too long" } }],
      ];
      for (const [set, body] of wrong)
        expect((await catalog().post(`/${set}`, body)).status, JSON.stringify(body).slice(0, 80)).to.equal(400);
      const digits = '{"Name":"x","Amount":0.1234567890123456789}';
      expect((await catalog().post("/DecimalSamples", digits)).status).to.equal(400);
    });

    it("7.2.3 no value has more fractional digits of a second than its Precision allows", async () => {
      const own = await schema();
      const precision = (property: Json): number => {
        const definition = own[String(property.$Type).replace("ComplianceService.", "")] as Json | undefined;
        return (property.$Precision ?? definition?.$Precision ?? 0) as number;
      };
      for (const [set, type] of [
        ["Products", "Product"],
        ["MediaItems", "MediaItem"],
      ] as const) {
        for (const entity of (await catalog().json(`/${set}`)).value as Json[]) {
          for (const name of ["CreatedAt", "ModifiedAt", "OpenTime", "ShippingTime", "ProcessingTime", "Offset"]) {
            if (typeof entity[name] !== "string") continue;
            const fraction = /\.(\d+)/.exec(entity[name])?.[1] ?? "";
            expect(fraction.length, `${name}: ${entity[name]}`).to.be.at.most(precision(own[type][name] as Json));
          }
        }
      }
    });

    it("8 navigation properties: partners, referential constraints, what happens on delete", async () => {
      const { Product, ProductDescription, Category } = await schema();
      expect(Product.Category).to.deep.include({ $Kind: "NavigationProperty", $Type: "ComplianceService.Category" });
      expect(Product.Category.$ReferentialConstraint).to.deep.include({ CategoryID: "ID" });
      expect(Product.Category.$Partner).to.equal("Products");
      expect(Category.Products).to.deep.include({ $Collection: true, $Partner: "Category" });
      expect(Product.Descriptions).to.deep.include({ $Collection: true, $OnDelete: "Cascade" });
      expect(ProductDescription.Product).not.to.have.property("$Nullable");
    });

    it("8.5 a dependent property has the value of what it refers to", async () => {
      const { value } = await catalog().json("/Products?$filter=Name eq 'Laptop'&$expand=Category");
      expect(value[0].CategoryID).to.equal(value[0].Category.ID);
    });

    it("10 and 11 enumerations with their flags, type definitions with what they are made of", async () => {
      const { ProductStatus, CalendarDate, ShippingDuration } = await schema();
      expect(ProductStatus).to.deep.include({
        $IsFlags: true,
        None: 0,
        InStock: 1,
        OnSale: 2,
        Discontinued: 4,
        Featured: 8,
      });
      expect(CalendarDate.$UnderlyingType).to.equal("Edm.Date");
      expect(ShippingDuration.$UnderlyingType).to.equal("Edm.Duration");
    });

    it("12 operations: overloads, binding parameters, entity set paths, composability, return types", async () => {
      const own = await schema();
      const unbound = own.GetTopProducts.filter(({ $IsBound }: Json) => $IsBound !== true);
      expect(
        unbound.map(({ $Parameter = [] }: Json) => $Parameter.map(({ $Name }: Json) => $Name)),
      ).to.have.deep.members([[], ["count"], ["count", "category"]]);
      for (const overload of own.GetTopProducts) {
        expect(overload.$IsComposable).to.equal(true);
        expect(overload.$ReturnType).to.deep.include({ $Collection: true, $Type: "ComplianceService.Product" });
        if (overload.$IsBound === true) expect(overload.$EntitySetPath).to.equal("bindingParameter");
      }
      for (const operations of Object.values(own) as unknown[]) {
        if (!Array.isArray(operations)) continue;
        for (const { $IsBound, $Parameter = [], $Kind, $ReturnType } of operations as Json[]) {
          if ($IsBound === true) expect($Parameter.length).to.be.at.least(1);
          if ($Kind === "Function") expect($ReturnType).to.be.an("object");
        }
      }
      expect(own.Process[0].$Parameter[1]).to.have.property("@Core.OptionalParameter");
    });

    it("13 the container: sets, singleton, imports and bindings that lead to sets", async () => {
      const own = await container();
      expect(own.Products).to.deep.include({ $Collection: true, $Type: "ComplianceService.Product" });
      expect(own.Company.$Type).to.equal("ComplianceService.CompanyInfo");
      expect(own.Company).not.to.have.property("$Collection");
      expect(own.Products.$NavigationPropertyBinding).to.deep.include({
        Category: "Categories",
        Descriptions: "ProductDescriptions",
        RelatedProducts: "Products",
      });
      expect(own.GetTopProducts).to.deep.include({
        $Function: "ComplianceService.GetTopProducts",
        $EntitySet: "Products",
      });
      expect(own.Reseed.$Action).to.equal("ComplianceService.Reseed");
      for (const item of Object.values(own) as Json[])
        for (const target of Object.values((item.$NavigationPropertyBinding ?? {}) as Json))
          expect(own, target).to.have.property(target);
    });

    it("14 annotations: computed, immutable, media types, descriptions, concurrency", async () => {
      const { Product, CompanyInfo } = await schema();
      expect(Product.CreatedAt["@Core.Computed"]).to.equal(true);
      expect(Product.SerialNumber["@Core.Immutable"]).to.equal(true);
      expect(Product.Name["@Core.Description"]).to.be.a("string");
      expect(CompanyInfo.Logo["@Core.MediaType"]).to.equal("image/svg+xml");
      expect((await container()).Products["@Core.OptimisticConcurrency"]).to.deep.equal(["Version"]);
    });

    it("what is computed or immutable is not changed by clients", async () => {
      const body = { Name: "x", Price: 1, Status: "None", CreatedAt: "2000-01-01T00:00:00Z", SerialNumber: "s" };
      const created = await catalog().post("/Products", body);
      expect(created.json.CreatedAt).not.to.equal(body.CreatedAt);
      const path = `/Products(${created.json.ID})`;
      await catalog().patch(path, { SerialNumber: "other", CreatedAt: body.CreatedAt });
      const after = await catalog().json(path);
      expect(after).to.deep.include({ SerialNumber: "s", CreatedAt: created.json.CreatedAt });
    });

    describe("capabilities are what the service does", () => {
      it("sets that say that they take no changes refuse them with 405, and those that say nothing take them", async () => {
        const own = await container();
        const restricted = Object.entries(own).filter(([, item]) => isSet(item));
        for (const [name, set] of restricted) {
          const [entity] = (await catalog().json(`/${name}`)).value as Json[];
          const key = Object.entries((await schema())[String(set.$Type).replace("ComplianceService.", "")] as Json);
          const names = (key.find(([member]) => member === "$Key")?.[1] ?? ["ID"]) as string[];
          const url = `/${name}(${names.map((part) => `${part}=${/ID$/.test(part) ? entity![part] : `'${entity![part]}'`}`).join(",")})`;
          const insert = await catalog().post(`/${name}`, {});
          const update = await catalog().patch(url, {});
          const forbidden = (term: string, flag: string) => set[`@Capabilities.${term}`]?.[flag] === false;
          expect(insert.status === 405, `POST ${name}`).to.equal(forbidden("InsertRestrictions", "Insertable"));
          expect(update.status === 405, `PATCH ${name}`).to.equal(forbidden("UpdateRestrictions", "Updatable"));
          if (forbidden("DeleteRestrictions", "Deletable")) expect((await catalog().delete(url)).status).to.equal(405);
          if (insert.status === 405) expect(insert.headers.allow).to.contain("GET").and.not.contain("POST");
        }
      });

      it("$search works on sets that do not say otherwise, and is refused on those that do", async () => {
        for (const [name, set] of Object.entries(await container())) {
          if (!isSet(set)) continue;
          const searchable = set["@Capabilities.SearchRestrictions"]?.Searchable !== false;
          const { status } = await catalog().get(`/${name}?$search=x`);
          expect(status, name).to.equal(searchable ? 200 : 501);
        }
      });

      it("properties that are required of new entities are", async () => {
        const required = (await container()).Products["@Capabilities.InsertRestrictions"]
          .RequiredProperties as string[];
        const whole: Json = { Name: "x", Price: 1, Status: "None" };
        expect(required).to.have.members(Object.keys(whole));
        for (const name of required) {
          const { [name]: _left, ...body } = whole;
          expect((await catalog().post("/Products", body)).status, name).to.equal(400);
        }
      });

      it("every function of FilterFunctions is understood", async () => {
        const calls: Readonly<Record<string, string>> = {
          concat: "concat(Name,'x') ne null",
          contains: "contains(Name,'x')",
          endswith: "endswith(Name,'x')",
          indexof: "indexof(Name,'x') eq 1",
          length: "length(Name) eq 1",
          startswith: "startswith(Name,'x')",
          substring: "substring(Name,1) eq 'x'",
          hassubset: "hassubset([1],[1])",
          hassubsequence: "hassubsequence([1],[1])",
          matchesPattern: "matchesPattern(Name,'x')",
          tolower: "tolower(Name) eq 'x'",
          toupper: "toupper(Name) eq 'x'",
          trim: "trim(Name) eq 'x'",
          date: "date(CreatedAt) eq 2024-01-01",
          time: "time(CreatedAt) eq 00:00:00",
          now: "CreatedAt lt now()",
          maxdatetime: "CreatedAt lt maxdatetime()",
          mindatetime: "CreatedAt gt mindatetime()",
          fractionalseconds: "fractionalseconds(CreatedAt) eq 0",
          totaloffsetminutes: "totaloffsetminutes(CreatedAt) eq 0",
          totalseconds: "totalseconds(ShippingTime) eq 0",
          ceiling: "ceiling(Price) eq 1",
          floor: "floor(Price) eq 1",
          round: "round(Price) eq 1",
          cast: "cast(Price,Edm.String) eq 'x'",
          isof: "isof(ComplianceService.SpecialProduct)",
          case: "case(true:1) eq 1",
          "geo.distance": "geo.distance(Location,Location) eq 0",
          "geo.intersects": "geo.intersects(Location,Area)",
          "geo.length": "geo.length(Route) eq 0",
          any: "Descriptions/any()",
          all: "Descriptions/all(d:d/LanguageKey eq 'EN')",
          and: "true and true",
          or: "true or true",
          not: "not true",
          in: "Name in ('x')",
          has: "Status has 'InStock'",
        };
        for (const name of ["eq", "ne", "gt", "ge", "lt", "le"]) Object.assign(calls, { [name]: `Price ${name} 1` });
        for (const name of ["add", "sub", "mul", "div", "divby", "mod"])
          Object.assign(calls, { [name]: `Price ${name} 1 eq 1` });
        for (const name of ["year", "month", "day", "hour", "minute", "second"])
          Object.assign(calls, { [name]: `${name}(CreatedAt) eq 1` });
        const offered = (await container())["@Capabilities.FilterFunctions"] as string[];
        expect(Object.keys(calls)).to.include.members(offered);
        for (const name of offered)
          expect((await catalog().get(`/Products?$filter=${calls[name]!}`)).status, name).to.equal(200);
      });

      it("formats, batches, cross joins, keys as segments and /$query are offered as they say", async () => {
        const own = await container();
        for (const accept of own["@Capabilities.SupportedFormats"] as string[])
          expect((await catalog().get("/Products", { headers: { accept } })).status, accept).to.equal(200);
        for (const accept of own["@Capabilities.SupportedMetadataFormats"] as string[])
          expect((await catalog().get("/$metadata", { headers: { accept } })).status, accept).to.equal(200);
        expect(own["@Capabilities.CrossJoinSupported"]).to.equal(true);
        expect((await catalog().get("/$crossjoin(Products,Categories)?$top=1")).status).to.equal(200);
        expect(own["@Capabilities.KeyAsSegmentSupported"]).to.equal(true);
        expect((await catalog().get((await catalog().product("Laptop")).replace(/\((.*)\)/, "/$1"))).status).to.equal(
          200,
        );
        expect(own["@Capabilities.QuerySegmentSupported"]).to.equal(true);
        expect(own["@Capabilities.AnnotationValuesInQuerySupported"]).to.equal(false);
        expect((await catalog().get("/Products?$filter=@Core.Description eq 'x'")).status).to.equal(501);
      });

      it("sets that track changes give delta links, the others none", async () => {
        for (const [name, set] of Object.entries(await container())) {
          if (!isSet(set)) continue;
          const answer = await catalog().get(`/${name}`, { headers: { prefer: "track-changes" } });
          const tracks = set["@Capabilities.ChangeTracking"]?.Supported === true;
          expect("@odata.deltaLink" in answer.json, name).to.equal(tracks);
        }
      });

      it("every transformation of ApplySupported is understood", async () => {
        const { Transformations } = (await container())["@Aggregation.ApplySupported"] as Json;
        const written: Readonly<Record<string, string>> = {
          identity: "identity",
          filter: "filter(Price gt 1)",
          search: "search(laptop)",
          compute: "compute(Price mul 2 as Twice)",
          orderby: "orderby(Price)",
          skip: "skip(1)",
          top: "top(1)",
          topcount: "topcount(1,Price)",
          topsum: "topsum(1,Price)",
          toppercent: "toppercent(1,Price)",
          bottomcount: "bottomcount(1,Price)",
          bottomsum: "bottomsum(1,Price)",
          bottompercent: "bottompercent(1,Price)",
          aggregate: "aggregate($count as n)",
          groupby: "groupby((Status))",
          concat: "concat(aggregate($count as n),aggregate($count as n))",
        };
        for (const name of Transformations as string[])
          expect((await catalog().get(`/Products?$apply=${written[name]!}`)).status, name).to.equal(200);
      });
    });
  },
  { reseed: true },
);

function isSet(item: unknown): item is Json {
  return typeof item === "object" && item !== null && (item as Json).$Collection === true && "$Type" in item;
}

/** The terms of all annotations of a document. */
function termsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const term = /@([\w.]+)(?:#\w+)?$/.exec(name)?.[1];
    return [...(term === undefined || !term.includes(".") ? [] : [term]), ...termsOf(item)];
  });
}
