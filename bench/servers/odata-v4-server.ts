import { randomUUID } from "node:crypto";
import type { AddressInfo, Server } from "node:net";
import BetterSqlite3 from "better-sqlite3";

import type { ODataQuery } from "odata-v4-server";
import server from "odata-v4-server";
import {
  deviceConfiguration,
  deviceConfigurationGroupAssignment,
  iosTrustedRootCertificate,
  macOSVpnConfiguration,
} from "./peer-model.js";
import { report } from "./report.js";

/**
 * The peer: the same entities on `odata-v4-server`, in its best case. Everything is in memory, keys are looked up in
 * a Map, and the controllers understand just the options that are asked for. Singletons it has none, so the device
 * configurations are an entity set.
 */
const { ODataController, ODataServer, odata } = server;
type Entity = Record<string, unknown> & { id: string };

const classes = new Map<string, new () => object>([
  ["macOSVpnConfiguration", macOSVpnConfiguration],
  ["iosTrustedRootCertificate", iosTrustedRootCertificate],
]);
const configurations: Entity[] = [];
const configurationsById = new Map<string, Entity>();
const assignmentsById = new Map<string, Entity>();

/** Reads the entities once, out of the database that the others serve. */
function load(file: string): void {
  const database = new BetterSqlite3(file, { readonly: true });
  const all = (sql: string): Record<string, unknown>[] => database.prepare(sql).all() as Record<string, unknown>[];
  for (const row of all("select * from device_configuration order by id")) {
    const entity = Object.assign(new (classes.get(row["type"] as string)!)(), {
      id: row["id"],
      createdDateTime: `${String(row["created_date_time"])}Z`,
      description: row["description"],
      displayName: row["display_name"],
      lastModifiedDateTime: `${String(row["last_modified_date_time"])}Z`,
      supportsScopeTags: row["supports_scope_tags"] === 1,
      version: row["version"],
      ...(JSON.parse(row["document"] as string) as object),
      groupAssignments: [],
    }) as unknown as Entity;
    configurations.push(entity);
    configurationsById.set(entity.id, entity);
  }
  for (const row of all("select * from device_configuration_assignment order by id")) {
    const assignment = {
      id: row["id"],
      targetGroupId: row["target_group_id"],
      ...(JSON.parse(row["document"] as string) as object),
    } as Entity;
    assignmentsById.set(assignment.id, assignment);
    (configurationsById.get(row["device_configuration_id"] as string)!["groupAssignments"] as Entity[]).push(
      assignment,
    );
  }
  database.close();
}

@odata.type(deviceConfiguration)
class DeviceConfigurations extends ODataController {
  @odata.GET
  find(@odata.query query: ODataQuery | undefined): Entity[] {
    const options = new Map(
      (query?.value.options as ODataQuery[] | undefined)?.map((option) => option.raw.split("=", 2) as [string, string]),
    );
    let found = configurations;
    const text = /^contains\(displayName,'(\d+)'\)$/.exec(options.get("$filter") ?? "")?.[1];
    if (text !== undefined) found = found.filter((entity) => (entity["displayName"] as string).includes(text));
    if (options.has("$orderby")) {
      found = [...found].sort((a, b) =>
        (a["displayName"] as string) < (b["displayName"] as string)
          ? 1
          : a["displayName"] === b["displayName"]
            ? 0
            : -1,
      );
    }
    // What is not asked for is left out here: in answers it would be a member of each entity.
    const expand = options.has("$expand");
    return found.slice(0, Number(options.get("$top") ?? found.length)).map((entity) => shown(entity, expand));
  }

  @odata.GET
  findOne(@odata.key key: string): Entity {
    return shown(configurationsById.get(key)!, false);
  }
}

function shown(entity: Entity, expand: boolean): Entity {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(entity) as object) as Entity, entity);
  if (!expand) delete copy["groupAssignments"];
  return copy;
}

@odata.type(deviceConfigurationGroupAssignment)
class GroupAssignments extends ODataController {
  @odata.POST
  insert(@odata.body body: Record<string, unknown>): Entity {
    const { targetGroupId, excludeGroup } = body;
    const created = {
      id: randomUUID(),
      targetGroupId,
      intent: null,
      source: "direct",
      sourceId: null,
      target: null,
      excludeGroup,
    } as unknown as Entity;
    assignmentsById.set(created.id, created);
    return created;
  }
}

@odata.namespace("microsoft.graph")
@odata.controller(DeviceConfigurations, "deviceConfigurations")
@odata.controller(GroupAssignments, "deviceConfigurationGroupAssignment")
class Peer extends ODataServer {}

load(process.argv[2]!);
const listener = Peer.create("/beta", 0, "127.0.0.1") as unknown as Server;
listener.on("listening", () => report({ port: (listener.address() as AddressInfo).port }));
