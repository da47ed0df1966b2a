import { expect } from "chai";
import { changesNothing, jsonOf, lamp, LAPTOP, minimal, namesOf, noContent, refused } from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.5, operations",
  ({ catalog }) => {
    const ns = "ComplianceService";
    const valueOf = async (path: string) => (await catalog().json(path)).value;
    const exceptionOf = (item: Record<string, any>) =>
      item["@Core.DataModificationException"] ?? item["@Org.OData.Core.V1.DataModificationException"];

    describe("11.5.1 binding", () => {
      it("an operation is appended to any URL that identifies its binding parameter, qualified with the namespace", async () => {
        const laptop = await catalog().product(LAPTOP);
        const kitchen = await catalog().category("Kitchen");
        expect(await valueOf(`${laptop}/${ns}.GetTotalPrice(taxRate=1)`)).to.equal(1999.98);
        const mug = await catalog().product("Coffee Mug");
        const viaCategory = `${kitchen}/Products${/\(.*\)$/.exec(mug)![0]}`;
        expect(await valueOf(`${viaCategory}/${ns}.GetTotalPrice(taxRate=1)`)).to.equal(31);
        expect(await valueOf(`${kitchen}/Products/${ns}.GetAveragePrice()`)).to.equal(15.5);
        expect(await valueOf(`/Products/$filter(Price lt 20)/${ns}.GetAveragePrice()`)).to.equal(15.5);
        expect(await valueOf(`${laptop}/${ns}.SpecialProduct/${ns}.GetTotalPrice(taxRate=1)`)).to.equal(1999.98);
      });

      it("does not apply to resources of other types", async () => {
        const kitchen = await catalog().category("Kitchen");
        const laptop = await catalog().product(LAPTOP);
        for (const path of [
          `${kitchen}/${ns}.GetTotalPrice(taxRate=1)`,
          `/Products/${ns}.GetTotalPrice(taxRate=1)`,
          `${laptop}/${ns}.GetAveragePrice()`,
          `/Company/${ns}.GetAveragePrice()`,
          `/${ns}.GetTotalPrice(taxRate=1)`,
          `${laptop}/${ns}.Nothing()`,
          `${laptop}/Nothing.GetTotalPrice(taxRate=1)`,
        ])
          refused(await catalog().get(path), 400, 404);
      });

      it("of an entity that is not there is not found", async () => {
        const nobody = "/Products(00000000-0000-4000-8000-000000000000)";
        refused(await catalog().get(`${nobody}/${ns}.GetTotalPrice(taxRate=1)`), 404);
        refused(await catalog().post(`${nobody}/${ns}.Activate`, {}), 404);
      });
    });

    describe("11.5.2 applying an operation to the members of a collection", () => {
      it("an action is carried out for each, or for those that filter and cast pick", async () => {
        noContent(await catalog().post(`/Products/$filter(Price lt 100)/$each/${ns}.IncreasePrice`, { amount: 100 }));
        expect((await catalog().get("/Products/$count?$filter=Price lt 100")).text).to.equal("0");
        const { value } = await catalog().json("/Products?$orderby=Price&$top=2&$select=Price");
        expect(value.map(({ Price }: { Price: number }) => Price)).to.deep.equal([115.5, 129.99]);
        noContent(await catalog().post(`/Products/${ns}.SpecialProduct/$each/${ns}.Activate`, {}));
      });

      it("the response is a collection of the results", async () => {
        const path = `/Products/$filter(Price lt 100)/$each/${ns}`;
        const products = jsonOf(await catalog().post(`${path}.ApplyDiscount`, { percentage: 50 }));
        expect(namesOf(products)).to.deep.equal(["Coffee Mug", "Wireless Mouse"]);
      });

      it("is applied to all or to none", async () => {
        await changesNothing(catalog(), async () => {
          refused(await catalog().post(`/Products/$each/${ns}.ApplyDiscount`, { percentage: 101 }), 400);
          // What makes the price of one of them negative is refused for all.
          refused(await catalog().post(`/Products/$each/${ns}.IncreasePrice`, { amount: "x" }), 400);
        });
      });

      it("with continue-on-error either names the members for which it has failed, or does nothing", async () => {
        const headers = { prefer: "continue-on-error,return=minimal" };
        await changesNothing(catalog(), async () => {
          const answer = await catalog().post(`/Products/$each/${ns}.ApplyDiscount`, { percentage: 101 }, { headers });
          if (answer.status !== 200) {
            refused(answer, 400);
            expect(answer.headers["preference-applied"] ?? "").not.to.include("continue-on-error");
            return;
          }
          const failed = answer.json.value.map((one: Record<string, any>) => exceptionOf(one)?.failedOperation);
          expect(failed).to.deep.equal(Array(7).fill("invoke"));
        });
      });

      it("a function is evaluated for each", async () => {
        const path = `/Products/$filter(Price lt 100)/$each/${ns}`;
        expect((await valueOf(`${path}.GetTotalPrice(taxRate=1)`)).length).to.equal(2);
        refused(await catalog().get(`${path}.Nothing()`), 404);
      });
    });

    describe("11.5.3 advertising", () => {
      it("operations that are advertised at full metadata can be called by their target", async () => {
        const laptop = await catalog().product(LAPTOP);
        const json = await catalog().json(laptop, { accept: "application/json;odata.metadata=full" });
        const actions = Object.entries(json).filter(([name]) => name.startsWith(`#${ns}.`)) as [string, any][];
        expect(actions.map(([name]) => name)).to.include(`#${ns}.Activate`);
        const [, activate] = actions.find(([name]) => name === `#${ns}.Activate`)!;
        noContent(await catalog().post(catalog().path(activate.target), {}));
        for (const name of Object.keys(await catalog().json(laptop)))
          expect(name.startsWith("#"), name).to.equal(false);
      });
    });

    describe("11.5.4 functions", () => {
      it("11.5.4.1 are invoked with GET, by import or bound, with their name unqualified in a default namespace", async () => {
        const laptop = await catalog().product(LAPTOP);
        expect(await valueOf("/Calculate(value=21)")).to.equal(42);
        expect(await valueOf(`${laptop}/GetTotalPrice(taxRate=0)`)).to.equal(999.99);
        expect(namesOf(await catalog().json("/GetTopProducts(count=1)"))).to.deep.equal(["Premium Laptop Pro"]);
      });

      it("11.5.4.1 have no side effects", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const path of ["/GetTopProducts()", "/GetProductStats()", `${laptop}/${ns}.CalculatePrice(discount=10)`])
            jsonOf(await catalog().get(path));
        });
      });

      it("11.5.4.1 are refused by other methods, with Allow", async () => {
        for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
          const answer = await catalog().call(method, "/GetProductStats()", { body: {} });
          refused(answer, 405);
          expect(answer.headers.allow?.split(", ")).to.include("GET");
        }
      });

      it("11.5.4.1 have a result in the format, with its context URL", async () => {
        const root = `${catalog().root}$metadata`;
        expect((await catalog().json("/Calculate(value=1)"))["@odata.context"]).to.equal(`${root}#Edm.Int64`);
        expect((await catalog().json("/GetProductStats()"))["@odata.context"]).to.equal(`${root}#${ns}.ProductStats`);
        expect((await catalog().json("/GetTopProducts()"))["@odata.context"]).to.equal(`${root}#Products`);
      });

      it("11.5.4.1 that are composable take further segments and options", async () => {
        expect((await catalog().get("/GetTopProducts(count=3)/$count")).text).to.equal("3");
        expect(await valueOf("/GetProductStats()/totalProducts")).to.equal(7);
        const path = "/FindProducts(name='Laptop',maxPrice=5000)?$filter=Price gt 1000&$select=Name&$orderby=Name";
        expect(namesOf(await catalog().json(path))).to.deep.equal(["Premium Laptop Pro"]);
        const mouse = await catalog().product("Wireless Mouse");
        const one = `/GetTopProducts()${/\(.*\)$/.exec(mouse)![0]}/Category`;
        expect((await catalog().json(one)).Name).to.equal("Electronics");
        refused(await catalog().get("/Calculate(value=1)/nothing"), 400, 404);
      });

      it("11.5.4.1 without a result for a collection give an empty one, and without a single one 204", async () => {
        expect(await valueOf("/FindProducts(name='nothing',maxPrice=1)")).to.deep.equal([]);
        noContent(await catalog().delete("/Products/$each"));
        noContent(await catalog().get(`/Products/${ns}.GetAveragePrice()`));
      });

      it("11.5.4.1.1 take parameters inline, in any order, and by alias", async () => {
        expect(await valueOf("/Calculate(b=2,a=40)")).to.equal(42);
        expect(await valueOf("/Calculate(a=@x,b=@y)?@x=40&@y=2")).to.equal(42);
        expect(await valueOf("/Convert(input=@t)?@t='it''s'")).to.equal("String: it's");
        expect(await valueOf("/Convert(input='%2F%3F%25%23')")).to.equal("String: /?%#");
        const laptop = await catalog().product(LAPTOP);
        expect(await valueOf(`${laptop}/${ns}.GetTotalPrice(taxRate=@r)?@r=1`)).to.equal(1999.98);
      });

      it("11.5.4.1 are used in $filter and $orderby", async () => {
        const filter = `${ns}.GetTotalPrice(taxRate=1) lt 100`;
        for (const call of [filter, filter.replace(`${ns}.`, `$it/${ns}.`)]) {
          const answer = await catalog().get(`/Products?$filter=${call}`);
          // What an engine cannot evaluate is refused as not implemented, and never answered wrongly.
          expect(answer.status, answer.text).to.be.oneOf([200, 501]);
          if (answer.status === 200) expect(namesOf(answer.json)).to.deep.equal(["Coffee Mug", "Wireless Mouse"]);
        }
      });

      it("11.5.4.2 overloads are told apart by the names of the parameters", async () => {
        expect(await valueOf("/Calculate(value=5)")).to.equal(10);
        expect(await valueOf("/Calculate(a=5,b=6)")).to.equal(11);
        expect(await valueOf("/Convert(number=5)")).to.equal("Number: 5");
        const phone = await catalog().product("Smartphone");
        expect(await valueOf(`${phone}/${ns}.CalculatePrice(discount=10)`)).to.equal(719.99);
        expect(await valueOf(`${phone}/${ns}.CalculatePrice(discount=10,tax=20)`)).to.equal(863.99);
      });

      it("wrong, missing, unknown and doubled parameters are refused", async () => {
        for (const call of [
          "Calculate()",
          "Calculate(a=1)",
          "Calculate(c=1)",
          "Calculate(value=1,c=2)",
          "Calculate(value=1,value=2)",
          "Calculate(value='1')",
          "Calculate(value=1.5)",
          "Calculate(value=null)",
          "Calculate(value=9223372036854775808)",
          "Calculate(value=)",
          "Calculate(value=@x)",
          "Calculate(value=@x)?@x='y'",
          "Calculate(value=1",
          "Calculate(value=1)(1)",
          "Convert(input=x)",
          "FindProducts(name='a',maxPrice=INFINITY)",
          "GetTopProducts(count=-1)",
          "GetTopProducts(count=99999999999)",
        ]) {
          const answer = await catalog().get(`/${call}`);
          expect(answer.status, `${call} ${answer.text}`).to.be.oneOf([400, 404]);
          refused(answer, 400, 404);
        }
      });
    });

    describe("11.5.5 actions", () => {
      const priceOf = async (path: string) => (await catalog().json(path)).Price;

      it("11.5.5.1 are invoked with POST, bound or by import, with their parameters in the body", async () => {
        const laptop = await catalog().product(LAPTOP);
        noContent(await catalog().post(`${laptop}/${ns}.IncreasePrice`, { amount: 0.01 }));
        expect(await priceOf(laptop)).to.equal(1000);
        noContent(await catalog().post(`${laptop}/IncreasePrice`, { amount: 1 }));
        expect(await priceOf(laptop)).to.equal(1001);
        noContent(await catalog().post("/Process", { percentage: 50, minPrice: 1000 }));
        expect(await priceOf(laptop)).to.equal(500.5);
      });

      it("11.5.5.1 without parameters take no body, an empty object, and nothing else", async () => {
        const laptop = await catalog().product(LAPTOP);
        noContent(await catalog().post(`${laptop}/${ns}.Activate`, undefined));
        noContent(await catalog().post(`${laptop}/${ns}.Activate`, {}));
        noContent(await catalog().post("/ResetAllPrices", undefined));
        noContent(await catalog().post("/ResetAllPrices", {}));
        await changesNothing(catalog(), async () => {
          for (const body of [[], "{", "null", "5", { amount: 1 }])
            refused(await catalog().post(`${laptop}/${ns}.Activate`, body), 400);
        });
      });

      it("11.5.5.1 an optional parameter that is left out has its default", async () => {
        const laptop = await catalog().product(LAPTOP);
        noContent(await catalog().post("/Process", { percentage: 50 }));
        expect(await priceOf(laptop)).to.equal(500);
        const mug = await catalog().product("Coffee Mug");
        expect(await priceOf(mug)).to.equal(7.75);
      });

      it("11.5.5.1 with a result answer with it, or with 204 where the client prefers return=minimal", async () => {
        const laptop = await catalog().product(LAPTOP);
        const answer = await catalog().post(`${laptop}/${ns}.ApplyDiscount`, { percentage: 50 });
        const json = jsonOf(answer);
        expect(json).to.include({ Name: LAPTOP, Price: 500 });
        expect(json["@odata.context"]).to.match(/\$metadata#Products(\/.*)?\/\$entity$/);
        expect(jsonOf(await catalog().post(`${laptop}/${ns}.CalculateDiscount`, { percentage: 10 })).value).to.equal(
          50,
        );
        const short = await catalog().post(`${laptop}/${ns}.ApplyDiscount`, { percentage: 50 }, { headers: minimal });
        noContent(short);
        expect(short.headers["preference-applied"]).to.equal("return=minimal");
      });

      it("11.5.5.1 the binding parameter's ETag is regarded", async () => {
        const laptop = await catalog().product(LAPTOP);
        const { headers } = await catalog().get(laptop);
        const first = { headers: { "if-match": headers["etag"]! } };
        noContent(await catalog().post(`${laptop}/${ns}.IncreasePrice`, { amount: 1 }, first));
        await changesNothing(catalog(), async () =>
          refused(await catalog().post(`${laptop}/${ns}.IncreasePrice`, { amount: 1 }, first), 412),
        );
      });

      it("11.5.5 are not composed with further segments", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const tail of ["/Name", "/Category", "/$value", "/$count", "/$ref"])
            refused(await catalog().post(`${laptop}/${ns}.ApplyDiscount${tail}`, { percentage: 50 }), 400, 404, 405);
        });
      });

      it("are refused by other methods, with Allow", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
            const options = method === "GET" ? {} : { body: {} };
            for (const path of ["/ResetProducts", `${laptop}/${ns}.Activate`]) {
              const answer = await catalog().call(method, path, options);
              refused(answer, 405);
              expect(answer.headers.allow, `${method} ${path}`).to.equal("POST");
            }
          }
        });
      });

      it("wrong, missing and unknown parameters are refused, and nothing is done", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const body of [
            {},
            { amount: "1" },
            { amount: null },
            { amount: [1] },
            { Amount: 1 },
            { amount: 1, more: 2 },
            { value: 1 },
            { bindingParameter: {}, amount: 1 },
            [{ amount: 1 }],
            '{"amount":1,"amount":2}',
            '{"amount":1',
            "",
            1,
          ])
            refused(await catalog().post(`${laptop}/${ns}.IncreasePrice`, body), 400);
          const plainText = { headers: { "content-type": "text/plain" } };
          refused(await catalog().post(`${laptop}/${ns}.IncreasePrice`, '{"amount":1}', plainText), 415);
          refused(await catalog().post("/Process", { percentage: 101 }), 400);
          refused(await catalog().post("/Process", { percentage: -1 }), 400);
        });
      });

      it("an action that fails leaves nothing of what it has done", async () => {
        jsonOf(await catalog().post("/Products", { ...lamp, Price: 0 }), 201);
        await changesNothing(catalog(), async () =>
          refused(await catalog().post(`/Products/$each/${ns}.ApplyDiscount`, { percentage: 200 }), 400),
        );
      });
    });
  },
  { reseed: true },
);
