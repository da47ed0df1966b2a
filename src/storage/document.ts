import "reflect-metadata";
import { Column } from "typeorm";

const documentKey = "odatum:document";

/**
 * Property decorator: the column that holds the entity's document, the canonical JSON text of all declared properties
 * of its actual type that have no column of their own. One in the root class of a hierarchy that has such properties.
 *
 * @example @Document() document!: string;
 */
export function Document(): (target: object, key: string) => void {
  return (target, key) => {
    Column("text", { name: "document", default: "{}" })(target, key);
    Reflect.defineMetadata(documentKey, key, target);
  };
}

/** The name of the class's property that {@link Document} marks; base classes count. */
export function documentProperty(entityClass: { readonly prototype: object }): string | undefined {
  return Reflect.getMetadata(documentKey, entityClass.prototype) as string | undefined;
}
