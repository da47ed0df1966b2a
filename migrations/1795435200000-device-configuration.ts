import type { MigrationInterface, QueryRunner, TableColumnOptions } from "typeorm";
import { Table, TableForeignKey, TableIndex } from "typeorm";

const text = (name: string): TableColumnOptions => ({ name, type: "text" });
const nullableText = (name: string): TableColumnOptions => ({ name, type: "text", isNullable: true });
const id: TableColumnOptions = { name: "id", type: "text", isPrimary: true };
const document: TableColumnOptions = { name: "document", type: "text", default: "'{}'" };
const owner: TableColumnOptions = nullableText("device_configuration_id");

/** What a device configuration owns: the further columns of each table, and whether there is one row at most. */
const owned: readonly {
  readonly name: string;
  readonly columns: readonly TableColumnOptions[];
  readonly single?: true;
}[] = [
  { name: "device_configuration_assignment", columns: [nullableText("target_group_id"), text("type")] },
  {
    name: "device_configuration_device_status",
    columns: [
      nullableText("device_display_name"),
      text("last_reported_date_time"),
      text("status"),
      nullableText("user_name"),
      nullableText("user_principal_name"),
    ],
  },
  {
    name: "device_configuration_user_status",
    columns: [
      text("last_reported_date_time"),
      text("status"),
      nullableText("user_display_name"),
      nullableText("user_principal_name"),
    ],
  },
  { name: "device_configuration_device_overview", columns: [], single: true },
  { name: "device_configuration_user_overview", columns: [], single: true },
  { name: "setting_state_device_summary", columns: [nullableText("setting_name")] },
  {
    name: "managed_device_certificate_state",
    columns: [
      text("certificate_expiration_date_time"),
      text("certificate_issuance_state"),
      nullableText("device_display_name"),
      nullableText("user_display_name"),
    ],
  },
];

/** The first tables: device configurations, what they own, and the links between entities. */
export class DeviceConfiguration1795435200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: "odata_link",
        columns: [
          { ...text("source_table"), isPrimary: true },
          { ...text("source_key"), isPrimary: true },
          { ...text("property"), isPrimary: true },
          { ...text("target_key"), isPrimary: true },
          text("target_table"),
          { name: "position", type: "integer", default: 0 },
        ],
        indices: [{ name: "odata_link_target", columnNames: ["target_table", "target_key"] }],
      }),
    );
    await runner.createTable(new Table({ name: "device_management", columns: [id] }));
    await runner.createTable(
      new Table({
        name: "device_configuration",
        columns: [
          id,
          text("created_date_time"),
          nullableText("description"),
          text("display_name"),
          text("last_modified_date_time"),
          { name: "supports_scope_tags", type: "boolean" },
          { name: "version", type: "integer" },
          document,
          text("type"),
        ],
      }),
    );
    await runner.createIndex("device_configuration", new TableIndex({ columnNames: ["type"] }));
    await runner.createTable(
      new Table({
        name: "device_management_derived_credential_settings",
        columns: [id, text("display_name"), document],
      }),
    );
    for (const { name, columns, single } of owned) {
      await runner.createTable(
        new Table({
          name,
          columns: [id, document, ...columns, owner],
          uniques: single === true ? [{ columnNames: ["device_configuration_id"] }] : [],
          foreignKeys: [
            new TableForeignKey({
              columnNames: ["device_configuration_id"],
              referencedTableName: "device_configuration",
              referencedColumnNames: ["id"],
              onDelete: "CASCADE",
            }),
          ],
        }),
      );
      if (single === undefined)
        await runner.createIndex(name, new TableIndex({ columnNames: ["device_configuration_id"] }));
      if (columns.some((column) => column.name === "type"))
        await runner.createIndex(name, new TableIndex({ columnNames: ["type"] }));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of [...owned].reverse()) await runner.dropTable(name);
    for (const name of [
      "device_management_derived_credential_settings",
      "device_configuration",
      "device_management",
      "odata_link",
    ]) {
      await runner.dropTable(name);
    }
  }
}
