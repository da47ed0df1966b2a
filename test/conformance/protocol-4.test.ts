import { expect } from "chai";
import { conformance } from "./support.js";

conformance("Protocol 4, the service model", ({ catalog, graph }) => {
  it("4.1 entity-ids: can be dereferenced, and give the entity that they name", async () => {
    const full = await catalog().json("/Products?$top=2", { accept: "application/json;odata.metadata=full" });
    for (const product of full.value) {
      const found = await catalog().json(catalog().path(product["@odata.id"]));
      expect(found.ID).to.equal(product.ID);
    }
  });

  it("4.1 entity-ids: are the same by whatever way the entity was reached", async () => {
    const accept = "application/json;odata.metadata=full";
    const laptop = await catalog().product("Laptop");
    const direct = await catalog().json(laptop, { accept });
    const { value } = await catalog().json("/Categories?$expand=Products&$filter=Name eq 'Electronics'", { accept });
    const related = value[0].Products.find(({ Name }: { Name: string }) => Name === "Laptop");
    expect(related["@odata.id"]).to.equal(direct["@odata.id"]);
  });

  it("4.1 entity references: consist of the entity-id alone", async () => {
    const reference = await catalog().json(`${await catalog().product("Laptop")}/Category/$ref`);
    expect(reference).to.have.all.keys("@odata.context", "@odata.id");
  });

  it("4.2 read URLs and edit URLs: can be read", async () => {
    const [product] = (await catalog().json("/Products?$top=1", { accept: "application/json;odata.metadata=full" }))
      .value;
    const edit = product["@odata.editLink"];
    expect(edit).to.be.a("string");
    expect((await catalog().json(catalog().path(edit))).ID).to.equal(product.ID);
    const read = product["@odata.readLink"] ?? edit;
    expect((await catalog().json(catalog().path(read))).ID).to.equal(product.ID);
  });

  it("4.4 default namespaces: a bound function is called with its namespace and without", async () => {
    const laptop = await catalog().product("Laptop");
    const qualified = await catalog().json(`${laptop}/ComplianceService.GetTotalPrice(taxRate=0.5)`);
    const unqualified = await catalog().json(`${laptop}/GetTotalPrice(taxRate=0.5)`);
    expect(unqualified.value).to.equal(qualified.value);
    expect(qualified.value).to.be.closeTo(1499.985, 0.01);
  });

  it("4.4 default namespaces: a bound action is called with its namespace and without", async () => {
    const laptop = await catalog().product("Laptop");
    for (const name of ["ComplianceService.CalculateDiscount", "CalculateDiscount"]) {
      const answer = await catalog().post(`${laptop}/${name}`, { percentage: 10 });
      expect(answer.status, answer.text).to.equal(200);
      expect(answer.json.value).to.be.closeTo(100, 0.01);
    }
  });

  it("4.4 default namespaces: a derived type is named with its namespace and without", async () => {
    const names = async (path: string) =>
      (await catalog().json(path)).value.map(({ Name }: { Name: string }) => Name).sort();
    expect(await names("/Products/SpecialProduct")).to.deep.equal(
      await names("/Products/ComplianceService.SpecialProduct"),
    );
    const special = ["Gaming Mouse Ultra", "Laptop", "Premium Laptop Pro"];
    expect(await names("/Products?$filter=isof(SpecialProduct)")).to.deep.equal(special);
    expect(await names("/Products?$filter=SpecialProduct/SpecialProperty ne null")).to.deep.equal(special);
    const selected = await catalog().json("/Products?$select=SpecialProduct/SpecialFeature&$filter=Name eq 'Laptop'");
    expect(selected.value[0].SpecialFeature).to.equal("Premium support");
    const laptop = await catalog().product("Laptop");
    expect((await catalog().json(`${laptop}/SpecialProduct/SpecialFeature`)).value).to.equal("Premium support");
  });

  it("4.4 default namespaces: a declared property comes first", async () => {
    const { value } = await catalog().json(`${await catalog().product("Laptop")}/Name`);
    expect(value).to.equal("Laptop");
  });

  it("4.4 default namespaces: without one in the model a type needs its namespace", async () => {
    const path = "/deviceManagement/deviceConfigurations";
    expect((await graph().get(`${path}/microsoft.graph.iosCertificateProfile`)).status).to.equal(200);
    // A key, then: there is no such entity.
    expect((await graph().get(`${path}/iosCertificateProfile`)).status).to.equal(404);
  });
});
