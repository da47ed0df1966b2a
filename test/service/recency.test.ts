import { expect } from "chai";
import { Recency } from "../../src/service/recency.js";
import type { Recent } from "../../src/service/recency.js";

interface Named extends Recent {
  readonly name: string;
}

const named = (name: string, size = 1): Named => ({ name, size, older: undefined, newer: undefined });

describe("recency", () => {
  const start = (most: number, room: number) => {
    const forgotten: string[] = [];
    return { forgotten, recency: new Recency<Named>(most, room, ({ name }) => forgotten.push(name)) };
  };

  it("forgets what was asked for longest ago", () => {
    const { forgotten, recency } = start(3, 100);
    const [a, b, c] = [named("a"), named("b"), named("c")];
    for (const entry of [a, b, c]) recency.add(entry);
    recency.touch(a);
    recency.touch(c);
    recency.touch(a);
    recency.add(named("d"));
    recency.add(named("e"));
    recency.add(named("f"));
    expect(forgotten).to.deep.equal(["b", "c", "a"]);
  });

  it("forgets until the rest fits, but never the newest", () => {
    const { forgotten, recency } = start(100, 10);
    for (const name of ["a", "b", "c"]) recency.add(named(name, 3));
    expect(forgotten).to.deep.equal([]);
    recency.add(named("d", 5));
    expect(forgotten).to.deep.equal(["a", "b"]);
    recency.add(named("e", 50));
    expect(forgotten).to.deep.equal(["a", "b", "c", "d"]);
    recency.add(named("f", 1));
    expect(forgotten).to.deep.equal(["a", "b", "c", "d", "e"]);
  });

  it("makes room for what grows", () => {
    const { forgotten, recency } = start(100, 10);
    const a = named("a", 1);
    recency.add(a);
    recency.add(named("b", 1));
    recency.touch(a);
    recency.grow(a, 8);
    expect(forgotten).to.deep.equal([]);
    recency.grow(a, 1);
    expect(forgotten).to.deep.equal(["b"]);
  });

  it("does as a plain list would", () => {
    const { forgotten, recency } = start(5, 1_000);
    const entries = Array.from({ length: 50 }, (_, index) => named(String(index)));
    let list: Named[] = [];
    const gone: string[] = [];
    for (let step = 0, random = 1; step < 2_000; step++) {
      random = (random * 48_271) % 2_147_483_647;
      const entry = entries[random % entries.length]!;
      if (list.includes(entry)) {
        recency.touch(entry);
        list = [...list.filter((other) => other !== entry), entry];
      } else {
        recency.add(entry);
        list.push(entry);
        if (list.length > 5) gone.push(list.shift()!.name);
      }
    }
    expect(forgotten).to.deep.equal(gone);
  });
});
