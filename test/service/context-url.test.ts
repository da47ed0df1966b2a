import { expect } from "chai";
import type { Shop } from "./support/bookshop.js";
import { fill, root, startShop } from "./support/bookshop.js";

const encode = (url: string) => url.replaceAll(" ", "%20");

describe("context URLs", () => {
  let shop: Shop;
  before(async () => {
    shop = await startShop();
    await fill(shop, 12);
    await shop.call("POST", "/Books", { isbn: "q\"u\\o/t'e", title: "Quote", shelf: "S" });
  });
  after(() => shop.close());

  /** Protocol 4.01, section 10; the second is that of 4.0, where it is another one. */
  const table: [url: string, expected: string, of40?: string][] = [
    ["/Books", "Books"],
    ["/Books('isbn 0001')", "Books/$entity"],
    ["/Books/Books.Novel", "Books/Books.Novel"],
    ["/Books/Books.Novel('isbn 0000')", "Books/Books.Novel/$entity"],
    ["/Books('isbn 0000')/Books.Novel", "Books/Books.Novel/$entity"],
    ["/Books('isbn 0000')/author", "Authors/$entity"],
    ["/Authors(2)/books", "Books"],
    ["/Authors(2)/books('isbn 0001')", "Books/$entity"],
    ["/Authors(name='Author 2')", "Authors/$entity"],
    ["/Books/$filter(@c)?@c=pages gt 1", "Books"],
    // Projections.
    ["/Books?$select=isbn,title", "Books(isbn,title)"],
    ["/Books?$select=*", "Books(*)"],
    ["/Books?$select=isbn,author", "Books(isbn,author)"],
    ["/Books?$select=Books.Novel/hero", "Books(Books.Novel/hero)"],
    ["/Books/Books.Novel?$select=hero", "Books/Books.Novel(hero)"],
    ["/Books?$select=shelf", "Books(shelf)"],
    ["/Authors?$select=address/city,name", "Authors(address/city,name)"],
    ["/Authors?$select=address($select=city),name", "Authors(address/city,name)"],
    ["/Authors(2)?$select=former/city", "Authors(former/city)/$entity"],
    // Expansions.
    ["/Books?$expand=author", "Books(author())", "Books"],
    ["/Books?$select=author&$expand=author", "Books(author,author())", "Books(author)"],
    ["/Books?$expand=author($select=name)", "Books(author(name))"],
    ["/Books?$select=isbn&$expand=author($expand=books($select=isbn))", "Books(isbn,author(books(isbn)))"],
    ["/Books?$expand=author($expand=books)", "Books(author(books()))", "Books"],
    ["/Books?$expand=author/$ref", "Books"],
    ["/Authors?$expand=books/$count", "Authors"],
    ["/Authors?$expand=books/Books.Novel", "Authors(books/Books.Novel())", "Authors"],
    ["/Authors?$expand=*", "Authors(books(),friends(),teacher())", "Authors"],
    ["/Authors?$expand=teacher($levels=2)", "Authors(teacher+())", "Authors"],
    ["/Authors?$expand=teacher($levels=3;$select=name)", "Authors(teacher+(name))"],
    ["/Authors?$expand=teacher($levels=1)", "Authors(teacher())", "Authors"],
    // What is computed.
    ["/Books?$compute=pages add 1 as more", "Books(*,more)"],
    ["/Books?$compute=pages add 1 as more&$select=isbn,more", "Books(isbn,more)"],
    ["/Books?$apply=groupby((title))", "Books(title)"],
    ["/Books?$apply=groupby((title,pages),aggregate(price with sum as total))", "Books(title,pages,total)"],
    ["/Books?$apply=groupby((author/name,author/id),aggregate($count as n))", "Books(author(name,id),n)"],
    ["/Books?$apply=groupby((author/address/city),aggregate($count as n))", "Books(author(address/city),n)"],
    ["/Books?$apply=aggregate($count as n)", "Books(n)"],
    ["/Books?$apply=compute(pages add 1 as more)", "Books(*,more)"],
    ["/Books?$apply=filter(pages gt 1)", "Books"],
    ["/Books?$apply=groupby((title),aggregate($count as n))&$compute=n add 1 as m", "Books(title,n,m)"],
    ["/Books?$apply=groupby((title),aggregate($count as n))&$select=n", "Books(n)"],
    // Properties.
    ["/Books('isbn 0001')/title", "Books('isbn 0001')/title"],
    ["/Books('isbn 0000')/Books.Novel/hero", "Books('isbn 0000')/Books.Novel/hero"],
    ["/Authors(2)/address", "Authors(2)/address"],
    ["/Authors(2)/address/city", "Authors(2)/address/city"],
    ["/Authors(2)/address?$select=city,floor", "Authors(2)/address(city,floor)"],
    ["/Authors(3)/former", "Authors(3)/former"],
    ["/Authors(3)/former?$select=city&$top=1", "Authors(3)/former(city)"],
    ["/Authors(3)/former/Books.CompanyAddress", "Authors(3)/former/Books.CompanyAddress"],
    ["/Authors(3)/former/0", "Books.Address"],
    ["/Authors(3)/former/1/Books.CompanyAddress", "Books.CompanyAddress"],
    ["/Authors(3)/former/1/Books.CompanyAddress/company", "Edm.String"],
    ["/Authors(3)/names", "Authors(3)/names"],
    ["/Authors(3)/names/-1", "Edm.String"],
    ["/Authors(name='Author 3')/names", "Authors(name='Author 3')/names"],
    // References and the system resources.
    ["/Books/$ref", "Collection($ref)"],
    ["/Books('isbn 0001')/author/$ref", "$ref"],
    ["/$entity?$id=Books('isbn 0001')", "Books/$entity"],
    ["/$entity/Books.Novel?$id=Books('isbn 0000')&$select=hero", "Books/Books.Novel(hero)/$entity"],
    ["/$all", "Collection(Edm.EntityType)"],
    ["/$all/Books.Novel", "Collection(Books.Novel)"],
    ["/$crossjoin(Books,Authors)", "Collection(Edm.ComplexType)"],
    ["/$crossjoin(Books,Authors)?$expand=Books($select=isbn)", "Collection(Edm.ComplexType)"],
  ];
  for (const [url, expected, of40 = expected] of table) {
    it(`of ${url}: #${expected}`, async () => {
      expect((await shop.get(encode(url))).json["@odata.context"]).to.equal(`${root}$metadata#${expected}`);
      const old = await shop.get(encode(url), { "odata-maxversion": "4.0" });
      expect(old.json["@odata.context"], "4.0").to.equal(`${root}$metadata#${of40}`);
    });
  }

  it("have keys as they are, not percent-encoded", async () => {
    const { json } = await shop.get(`/Books('${encodeURIComponent("q\"u\\o/t''e")}')/title`);
    expect(json["@odata.context"]).to.equal(`${root}$metadata#Books('q"u\\o/t''e')/title`);
  });

  it("of entities of different sets stand in each of them", async () => {
    const { value } = (await shop.get("/$all?$select=*")).json;
    const contexts = new Set((value as Record<string, string>[]).map((entity) => entity["@odata.context"]));
    expect([...contexts]).to.deep.equal([`${root}$metadata#Authors(*)/$entity`, `${root}$metadata#Books(*)/$entity`]);
  });
});
