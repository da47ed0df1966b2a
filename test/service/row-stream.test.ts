import { expect } from "chai";
import { RowStream } from "../../src/service/row-stream.js";

/** Batches of rows, and what became of them. */
function batches(count: number, size: number, failAt = Number.POSITIVE_INFINITY) {
  const state = { given: 0, closed: 0 };
  const rows = {
    next(): Promise<IteratorResult<unknown[][]>> {
      if (state.given === failAt) return Promise.reject(new Error("the store is gone"));
      if (state.given === count) return Promise.resolve({ done: true, value: undefined });
      const from = state.given++ * size;
      return Promise.resolve({ done: false, value: Array.from({ length: size }, (_, index) => [from + index]) });
    },
    return(): Promise<IteratorResult<unknown[][]>> {
      state.closed++;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return { rows, state };
}

function streamOf(rows: AsyncIterator<unknown[][]>, first: unknown[][] = []): RowStream {
  return new RowStream(rows, {
    head: "[",
    first,
    write: ([value], index) => `${index === 0 ? "" : ","}${JSON.stringify(String(value).padStart(1_000))}`,
    tail: () => "]",
    explain: (error) => new Error(`explained: ${(error as Error).message}`),
  });
}

async function textOf(stream: RowStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

const numbers = (text: string) => (JSON.parse(text) as string[]).map(Number);

describe("a stream of rows", () => {
  it("has all of them in order, those that were read before it first", async () => {
    const { rows, state } = batches(40, 25);
    const text = await textOf(streamOf(rows, [[-2], [-1]]));
    expect(numbers(text)).to.deep.equal(Array.from({ length: 1_002 }, (_, index) => index - 2));
    expect(state).to.deep.equal({ given: 40, closed: 1 });
  });

  it("is whole where there are no rows", async () => {
    const { rows } = batches(0, 0);
    expect(await textOf(streamOf(rows))).to.equal("[]");
  });

  it("goes on where batches are empty", async () => {
    const { rows } = batches(10, 0);
    expect(await textOf(streamOf(rows, [[1]]))).to.have.lengthOf(1_004);
  });

  it("reads no further than its reader does", async () => {
    const { rows, state } = batches(1_000, 25);
    const stream = streamOf(rows);
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.given).to.be.below(20);
    await reader.return?.();
    expect(state.closed).to.equal(1);
  });

  it("gives the rows back where nobody ever reads it", async () => {
    const { rows, state } = batches(10, 25);
    const stream = streamOf(rows);
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.destroy();
    await closed;
    expect(state).to.deep.equal({ given: 0, closed: 1 });
  });

  it("fails with the explained error, and gives the rows back", async () => {
    const { rows, state } = batches(1_000, 25, 20);
    let failure: unknown;
    await textOf(streamOf(rows)).catch((error: unknown) => (failure = error));
    expect(failure).to.be.an("error").with.property("message", "explained: the store is gone");
    expect(state.closed).to.equal(1);
  });
});
