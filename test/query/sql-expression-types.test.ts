import { expect } from "chai";
import { ChildEntity, Column, Entity, PrimaryColumn, TableInheritance } from "typeorm";
import { Edm, odata } from "../../src/edm/index.js";
import { Document } from "../../src/storage/index.js";
import { databases, QueryStore } from "./support/query-store.js";

/* Types that give one name to properties of different types: what a row of one holds, no row of another may stumble on. */

@odata.namespace("Zoo")
export class Shape {
  @Edm.String name!: string | null;
}
@odata.namespace("Zoo")
export class Circle extends Shape {
  @Edm.Double extent!: number | null;
}
@odata.namespace("Zoo")
export class Square extends Shape {
  @Edm.String extent!: string | null;
}

@Entity("animal")
@TableInheritance({ column: { type: "text", name: "kind" } })
@odata.namespace("Zoo")
export class Animal {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Edm.ComplexType(Shape) shape!: Shape | null;
  @Edm.Collection(Edm.ComplexType(Shape)) shapes!: Shape[];
  @Document() document!: string;
}

@ChildEntity("Cat")
@odata.namespace("Zoo")
export class Cat extends Animal {
  @Column("integer", { nullable: true }) @Edm.Int32 lives!: number | null;
  @Edm.Int32 size!: number | null;
  @Edm.Decimal weight!: string | null;
  @Edm.Boolean tame!: boolean | null;
  @Edm.Collection(Edm.Int32) scores!: number[];
  @Edm.ComplexType(Circle) home!: Circle | null;
}

@ChildEntity("Dog")
@odata.namespace("Zoo")
export class Dog extends Animal {
  @Edm.String size!: string | null;
  @Edm.Double weight!: number | null;
  @Edm.String tame!: string | null;
  @Edm.String scores!: string | null;
  @Edm.ComplexType(Square) home!: Square | null;
  @Edm.String name!: string | null;
}

@ChildEntity("Fish")
@odata.namespace("Zoo")
@Edm.OpenType
export class Fish extends Animal {}

@odata.type(Animal)
class Animals {}

@odata.namespace("Zoo")
@odata.container("Container")
@odata.controller(Animals as never, "Animals")
@odata.types(Cat, Dog, Fish, Circle, Square)
class Zoo {}

for (const kind of databases) {
  describe(`properties of one name and different types on ${kind}`, function () {
    this.timeout(60_000);
    let store: QueryStore;

    before(async function () {
      const entities = [Animal, Cat, Dog, Fish] as never;
      store = (await QueryStore.open(kind, Zoo as never, entities)) ?? this.skip();
      const circle = { "@odata.type": "#Zoo.Circle", name: "c", extent: 1.5 };
      const square = { "@odata.type": "#Zoo.Square", name: "s", extent: "wide" };
      const home = { name: "h" };
      await store.insert("Cat", {
        ...{ id: 1, lives: 9, size: 5, weight: "2.5", tame: true, scores: [1, 2], home: { ...home, extent: 2.5 } },
        ...{ shape: circle, shapes: [circle, square] },
      });
      await store.insert("Dog", {
        ...{ id: 2, size: "large", weight: 30, tame: "rather", scores: "none", home: { ...home, extent: "kennel" } },
        ...{ shape: square, shapes: [square], name: "Rex" },
      });
      await store.insert("Fish", { id: 3, size: [1], weight: "light", tame: {}, scores: false, name: 7, home: 1 });
    });

    after(() => store?.close());

    /** The ids of the animals that a condition keeps. */
    const ids = async (condition: string, path = "Animals"): Promise<number[]> =>
      (await store.get(`${path}?$filter=${condition}&$select=id&$orderby=id`)).map(({ id }: { id: number }) => id);

    const found: Readonly<Record<string, readonly number[]>> = {
      "Zoo.Cat/size gt 1": [1],
      "Zoo.Cat/size lt 1 or Zoo.Cat/size ge 5": [1],
      "Zoo.Dog/size eq 'large'": [2],
      "Zoo.Cat/size eq null": [2, 3],
      "Zoo.Dog/size ne 'large'": [1, 3],
      "not (Zoo.Cat/size gt 1)": [2, 3],
      "Zoo.Cat/weight eq 2.50": [1],
      "Zoo.Dog/weight gt 1e0": [2],
      "Zoo.Cat/tame": [1],
      "not Zoo.Cat/tame": [],
      "startswith(Zoo.Dog/tame,'r')": [2],
      "Zoo.Cat/lives eq 9": [1],
      "Zoo.Cat/scores/any(s:s eq 2)": [1],
      "Zoo.Cat/scores/all(s:s gt 0)": [1, 2, 3],
      "Zoo.Cat/scores/$count eq 2": [1],
      "Zoo.Dog/scores eq 'none'": [2],
      "Zoo.Cat/home/extent gt 2e0": [1],
      "Zoo.Dog/home/extent eq 'kennel'": [2],
      "shape/Zoo.Circle/extent gt 1e0": [1],
      "shape/Zoo.Square/extent eq 'wide'": [2],
      "shape/Zoo.Square/extent ne 'wide'": [1, 3],
      "shape/name eq 's'": [2],
      "shapes/any(s:s/Zoo.Circle/extent gt 1e0)": [1],
      "shapes/Zoo.Circle/any(s:s/extent gt 1e0)": [1],
      "shapes/Zoo.Circle/all(s:s/extent gt 1e0)": [1, 2, 3],
      "shapes/Zoo.Square/$count($filter=extent eq 'wide') eq 1": [1, 2],
      "Zoo.Dog/name eq 'Rex'": [2],
      "Zoo.Fish/name eq 7": [3],
      "isof('Zoo.Cat') or isof('Zoo.Fish')": [1, 3],
      "isof(shape,'Zoo.Circle')": [1],
      "cast(Zoo.Dog/size,'Edm.Int32') eq null": [1, 2, 3],
    };
    for (const [condition, expected] of Object.entries(found)) {
      it(`${condition} finds ${expected.join(", ") || "nothing"}`, async () => {
        expect(await ids(condition)).to.deep.equal(expected);
      });
    }

    it("looks at rows of the type only where the path is cast to it", async () => {
      expect(await ids("size gt 1", "Animals/Zoo.Cat")).to.deep.equal([1]);
      expect(await ids("scores/any(s:s eq 1)", "Animals/Zoo.Cat")).to.deep.equal([1]);
      expect(await ids("size eq 'large'", "Animals/Zoo.Dog")).to.deep.equal([2]);
    });

    it("sorts by a property that only some rows have", async () => {
      const rows = await store.get("Animals?$orderby=Zoo.Cat/size desc,id&$select=id");
      expect(rows.map(({ id }: { id: number }) => id)).to.deep.equal([1, 2, 3]);
    });
  });
}
