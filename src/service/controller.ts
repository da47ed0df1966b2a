import { ODataController } from "odata-v4-server/build/lib/controller.js";
import { answeredByEngine, odata } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { PlainObject } from "./invoke-values.js";
import type { StoredEntities } from "./rules-call.js";
import { currentCall } from "./rules-call.js";
import type { Session } from "./session.js";

/** The key of an entity: its value, or an object of them where it has several properties. */
export type Key = Scalar | Readonly<Record<string, Scalar>>;

/**
 * The controller of an entity set whose entities are stored by TypeORM: the engine answers for it. It says which type
 * the set has, by `@odata.type`.
 *
 * A class that derives from it may override its methods to add rules, and calls `super` to have the engine do its part. All
 * that a rule does through `super` and through {@link session} is one transaction with the request: what throws leaves
 * nothing behind. On PostgreSQL a transaction may run more than once, so a rule changes nothing but the store. A rule
 * holds whichever way a request takes to an entity of the set: over a navigation property, in a batch, or from another rule;
 * rules for reading hold for the URLs of the set itself, and not for what is expanded.
 *
 * Bodies are plain objects that were checked against the model: `Edm.Int64` and `Edm.Decimal` are texts, so that no digit is
 * lost, as are dates, times, durations, GUIDs and the members of enumerations, in canonical form; relationships stand in
 * them as the client wrote them (`Category@odata.bind`). Values that clients may not write are not in them.
 *
 * @example
 * @odata.type(Product)
 * export class Products extends TypeOrmController {
 *   override async insert(@odata.body product: Partial<Product>) {
 *     if (Number(product.Price) < 0) throw badRequest("A price is not below zero.", { target: "Price" });
 *     const stored = await super.insert({ ...product, Status: "New" });
 *     await this.session.create("AuditLog", { Text: `Created ${stored.ID}` });
 *     return stored;
 *   }
 * }
 */
@answeredByEngine
export class TypeOrmController extends ODataController {
  /** The service's data, in the transaction of the request; only while a method of the controller runs. */
  get session(): Session {
    return currentCall().session;
  }

  /**
   * The entities that the request asks for. What `super.find` gives can be handed back, and the store answers; or it can be
   * iterated, and what is handed back then is shown: only `$select`, `$expand` and `$compute` are carried out on that.
   */
  @odata.GET
  find(@odata.query _query?: unknown): Rule<StoredEntities | Iterable<object>> {
    return currentCall().find();
  }

  /** The entity with a key, with what the request expands; `undefined` where there is none. */
  @odata.GET
  findOne(@odata.key key: Key, @odata.query _query?: unknown): Rule<object | undefined> {
    return currentCall().findOne(key);
  }

  /** Stores a new entity, and gives it as it is stored. */
  @odata.POST
  insert(@odata.body body: object): Promise<PlainObject> {
    return currentCall().insert(body);
  }

  /**
   * Stores changes of an entity, and gives it as it is stored. It is called for `PUT`, too, where `replace` is not overridden,
   * and for a change of a single property.
   */
  @odata.PATCH
  update(@odata.key key: Key, @odata.body delta: object): Promise<PlainObject | undefined> {
    return currentCall().update("PATCH", key, delta);
  }

  /** Stores an entity in place of the one with its key, and gives it as it is stored. */
  @odata.PUT
  replace(@odata.key key: Key, @odata.body body: object): Promise<PlainObject | undefined> {
    return currentCall().update("PUT", key, body);
  }

  /** Deletes an entity. */
  @odata.DELETE
  remove(@odata.key key: Key): Promise<void> {
    return currentCall().remove(key);
  }
}

/** What a rule gives, at once or later. */
type Rule<T> = T | Promise<T>;
