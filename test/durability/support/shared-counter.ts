import { expect } from "chai";
import type { Client } from "../../support/client.js";
import { pause } from "./pause.js";

/** A product whose quantity many clients increment, and what is known of who did it. */
export class SharedCounter {
  readonly #name: string;
  #id: string | undefined;
  /** By the version that the product had then: what the change that led there wrote, where it was acknowledged. */
  readonly #acknowledged = new Map<number, string>();
  /** By the version that they started from: changes that nobody answered. */
  readonly #cutOff = new Map<number, string[]>();
  /** Changes that came too late. */
  refused = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Makes the product where it is not there. */
  async prepare(client: Client): Promise<void> {
    const found = await client.get(`/Products?$filter=Name%20eq%20'${this.#name}'&$select=ID`);
    expect(found.status, found.text).to.equal(200);
    this.#id = found.json.value[0]?.ID as string | undefined;
    if (this.#id !== undefined) return;
    const made = await client.post("/Products", { Name: this.#name, Price: 1, Status: "None" });
    expect(made.status, made.text).to.equal(201);
    this.#id = made.json.ID as string;
  }

  /** Adds one by reading, and writing where nobody else has, until that goes well. */
  async increment(client: Client, token: string): Promise<void> {
    for (;;) {
      const { Quantity, Version, etag } = await this.#read(client);
      const cutOff = this.#cutOff.get(Version) ?? [];
      this.#cutOff.set(Version, [...cutOff, token]);
      const body = { Quantity: Quantity + 1, Description: token };
      const answer = await client.patch(this.#url, body, { headers: { "if-match": etag } });
      this.#cutOff.set(
        Version,
        this.#cutOff.get(Version)!.filter((other) => other !== token),
      );
      if (answer.status === 200) {
        const { json } = answer;
        expect([json.Version, json.Quantity, json.Description]).to.deep.equal([Version + 1, Quantity + 1, token]);
        expect(this.#acknowledged.get(Version + 1), `two changes of version ${Version} of ${this.#name}`).to.equal(
          undefined,
        );
        this.#acknowledged.set(Version + 1, token);
        return;
      }
      expect(answer.status, answer.text).to.be.oneOf([412, 503]);
      this.refused++;
      if (answer.status === 503) await pause();
    }
  }

  /** Every version was made by one change, and by one that somebody asked for. */
  async check(client: Client): Promise<void> {
    const { Version: last, Description } = await this.#read(client);
    for (let version = 2; version <= last; version++) {
      if (this.#acknowledged.has(version)) continue;
      const [candidate] = this.#cutOff.get(version - 1) ?? [];
      expect(candidate, `a change that made version ${version} of ${this.#name}`).to.not.equal(undefined);
      if (version < last) this.#acknowledged.set(version, candidate!);
    }
    expect(Math.max(1, ...this.#acknowledged.keys()), `a version that was acknowledged`).to.be.at.most(last);
    if (last === 1) return;
    const writers = [this.#acknowledged.get(last) ?? this.#cutOff.get(last - 1)!].flat();
    expect(Description).to.be.oneOf(writers);
    // What was cut off has come to an end by now.
    if (!this.#acknowledged.has(last)) this.#acknowledged.set(last, Description);
    this.#cutOff.clear();
  }

  get #url(): string {
    return `/Products(${this.#id!})`;
  }

  async #read(client: Client): Promise<{ Quantity: number; Version: number; Description: string; etag: string }> {
    const { status, text, json, headers } = await client.get(`${this.#url}?$select=Quantity,Version,Description`);
    expect(status, text).to.equal(200);
    expect(json.Quantity, "the sum of all changes").to.equal(json.Version - 1);
    expect(headers.etag).to.equal(json["@odata.etag"]);
    return { ...json, etag: headers.etag };
  }
}
