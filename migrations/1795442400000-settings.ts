import type { MigrationInterface, QueryRunner } from "typeorm";
import { Table } from "typeorm";

/** What a store keeps for itself, such as the secrets of its tokens. */
export class Settings1795442400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: "odata_setting",
        columns: [
          { name: "name", type: "text", isPrimary: true },
          { name: "value", type: "text" },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable("odata_setting");
  }
}
