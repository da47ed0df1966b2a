import { ODataController } from "odata-v4-server/build/lib/controller.js";

/**
 * The controller of an entity set whose entities are stored by TypeORM: the engine answers for it. It says which type
 * the set has, by `@odata.type`.
 *
 * @example
 * @odata.type(Product)
 * export class Products extends TypeOrmController {}
 */
export class TypeOrmController extends ODataController {}
