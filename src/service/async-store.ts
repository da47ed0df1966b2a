import type { SqlValue } from "../query/index.js";
import type { Awaitable, Reader, RowStream, Transaction, TransactionOptions } from "../storage/index.js";
import type { RequestStore } from "./request-store.js";

/** Thrown in a request whose client does not want it any more. Nobody is answered with it. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";

  constructor() {
    super("The request was cancelled.");
  }
}

/** The store of a request that can be cancelled: from then on it is of no use, and what is not committed never is. */
export class CancellableStore implements RequestStore {
  readonly reader: Reader;
  readonly #store: RequestStore;
  #cancelled = false;
  #committing = 0;
  #committed = false;

  constructor(store: RequestStore) {
    this.#store = store;
    this.reader = {
      rows: (sql, parameters, functions) => {
        this.#check();
        return store.reader.rows(sql, parameters, functions);
      },
    };
  }

  /** Whether something was changed that stays, or may be at this very moment. */
  get hasChanged(): boolean {
    return this.#committed || this.#committing > 0;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  async transaction<T>(work: (transaction: Transaction) => Awaitable<T>, options?: TransactionOptions): Promise<T> {
    this.#check();
    let isCommitting = false;
    try {
      const result = await this.#store.transaction(async (transaction) => {
        // The store may begin the work anew.
        if (isCommitting) this.#committing--;
        isCommitting = false;
        this.#check();
        const worked = await work(transaction);
        this.#check();
        // What follows cannot be taken back.
        this.#committing++;
        isCommitting = true;
        return worked;
      }, options);
      this.#committed = true;
      return result;
    } finally {
      if (isCommitting) this.#committing--;
    }
  }

  cursor(sql: string, parameters: readonly SqlValue[], functions?: boolean): RowStream {
    this.#check();
    return this.#store.cursor(sql, parameters, functions);
  }

  #check(): void {
    if (this.#cancelled) throw new Cancelled();
  }
}
