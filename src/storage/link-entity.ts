import { EntitySchema } from "typeorm";
import { linkTable } from "../query/index.js";

/** One tie between two entities through a navigation property that has no foreign key. */
export interface Link {
  sourceTable: string;
  sourceKey: string;
  property: string;
  targetTable: string;
  targetKey: string;
  position: number;
}

/** The link table, for TypeORM: a store's migrations create it. */
export const LinkEntity = new EntitySchema<Link>({
  name: linkTable.name,
  tableName: linkTable.name,
  columns: {
    sourceTable: { type: "text", name: linkTable.sourceTable, primary: true },
    sourceKey: { type: "text", name: linkTable.sourceKey, primary: true },
    property: { type: "text", name: linkTable.property, primary: true },
    targetKey: { type: "text", name: linkTable.targetKey, primary: true },
    targetTable: { type: "text", name: linkTable.targetTable },
    position: { type: "integer", name: linkTable.position, default: 0 },
  },
  // Whoever deletes an entity looks for the links that point to it.
  indices: [{ name: "odata_link_target", columns: ["targetTable", "targetKey"] }],
});
