import type { MigrationInterface, QueryRunner } from "typeorm";
import { TableIndex } from "typeorm";

const byName = new TableIndex({ columnNames: ["display_name", "id"] });
const ofConfiguration = new TableIndex({ columnNames: ["device_configuration_id"] });
const ofConfigurationByKey = new TableIndex({ columnNames: ["device_configuration_id", "id"] });

/** Device configurations in the order of their names, and the assignments of each in the order of their keys. */
export class Indexes1795449600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex("device_configuration", byName.clone());
    await runner.createIndex("device_configuration_assignment", ofConfigurationByKey.clone());
    // The one index begins with the other.
    await runner.dropIndex("device_configuration_assignment", ofConfiguration.clone());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.createIndex("device_configuration_assignment", ofConfiguration.clone());
    await runner.dropIndex("device_configuration_assignment", ofConfigurationByKey.clone());
    await runner.dropIndex("device_configuration", byName.clone());
  }
}
