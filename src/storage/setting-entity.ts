import { EntitySchema } from "typeorm";

/** The table of what a store keeps for itself. */
export const settingTable = { name: "odata_setting", key: "name", value: "value" } as const;

/** One thing that a store keeps for itself, such as the secret of a kind of token. */
export interface Setting {
  name: string;
  value: string;
}

/** The table of settings, for TypeORM: a store's migrations create it. */
export const SettingEntity = new EntitySchema<Setting>({
  name: settingTable.name,
  tableName: settingTable.name,
  columns: {
    name: { type: "text", name: settingTable.key, primary: true },
    value: { type: "text", name: settingTable.value },
  },
});
