import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import BetterSqlite3 from "better-sqlite3";
import { report } from "./report.js";

/**
 * The floor: what somebody would write by hand who needed these five requests and nothing else. A bare listener, prepared
 * statements, string concatenation; the same database file, the same bodies. Nothing is checked and nothing can go wrong.
 */
const database = new BetterSqlite3(process.argv[2]!);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.pragma("mmap_size = 67108864");

const columns =
  "id, created_date_time, description, display_name, last_modified_date_time, supports_scope_tags, version, document, type";
type Row = [
  id: string,
  created: string,
  description: string | null,
  name: string,
  modified: string,
  tags: number,
  version: number,
  document: string,
  type: string,
];
const byKey = database.prepare(`select ${columns} from device_configuration where id = ?`).raw(true);
const page = database.prepare(`select ${columns} from device_configuration order by id limit ?`).raw(true);
const found = database
  .prepare(
    `select ${columns} from device_configuration where instr(display_name, ?) > 0 order by display_name desc, id limit ?`,
  )
  .raw(true);
const assignmentColumns = "id, target_group_id, document";
type AssignmentRow = [id: string, group: string | null, document: string];
// The plus keeps SQLite from the index of the type, which every second row has.
const assignmentsOf = database
  .prepare(
    `select ${assignmentColumns} from device_configuration_assignment
     where device_configuration_id = ? and +type = 'deviceConfigurationGroupAssignment' order by id`,
  )
  .raw(true);
const insert = database.prepare(
  "insert into device_configuration_assignment (id, target_group_id, document, type) values (?, ?, ?, 'deviceConfigurationGroupAssignment')",
);

const COLLECTION = "/beta/deviceManagement/deviceConfigurations";
const CREATED = "/beta/deviceConfigurationGroupAssignment";

function head(row: Row): string {
  const [id, created, description, name, modified, tags, version, , type] = row;
  return `"@odata.type":"#microsoft.graph.${type}","id":${JSON.stringify(id)},"createdDateTime":"${created}Z","description":${JSON.stringify(description)},"displayName":${JSON.stringify(name)},"lastModifiedDateTime":"${modified}Z","supportsScopeTags":${tags === 1 ? "true" : "false"},"version":${String(version)}`;
}

function entity(row: Row): string {
  return `${head(row)},${row[7].slice(1)}`;
}

function assignment(row: AssignmentRow): string {
  return `"@odata.type":"#microsoft.graph.deviceConfigurationGroupAssignment","id":${JSON.stringify(row[0])},"targetGroupId":${JSON.stringify(row[1])},${row[2].slice(1)}`;
}

function expanded(row: Row): string {
  const assignments = (assignmentsOf.all(row[0]) as AssignmentRow[]).map((item) => `{${assignment(item)}`).join(",");
  return `${head(row)},"groupAssignments":[${assignments}],${row[7].slice(1)}`;
}

function answer(res: ServerResponse, status: number, body: string, location?: string): void {
  res.writeHead(status, {
    "content-type": "application/json;odata.metadata=minimal",
    "odata-version": "4.01",
    "content-length": Buffer.byteLength(body),
    ...(location === undefined ? {} : { location }),
  });
  res.end(body);
}

function collection(root: string, list: string, texts: string[]): string {
  return `{"@odata.context":"${root}$metadata#deviceManagement/deviceConfigurations${list}","value":[${texts.join(",")}]}`;
}

function read(url: string, root: string): string {
  if (url.charCodeAt(COLLECTION.length) === 47) {
    const row = byKey.get(url.slice(COLLECTION.length + 1)) as Row;
    return `{"@odata.context":"${root}$metadata#deviceManagement/deviceConfigurations/$entity",${entity(row)}`;
  }
  const query = url.slice(COLLECTION.length);
  if (query.startsWith("?$top=")) {
    return collection(
      root,
      "",
      (page.all(Number(query.slice(6))) as Row[]).map((row) => `{${entity(row)}`),
    );
  }
  if (query.startsWith("?$expand=groupAssignments&$top=")) {
    return collection(
      root,
      "(groupAssignments())",
      (page.all(Number(query.slice(31))) as Row[]).map((row) => `{${expanded(row)}`),
    );
  }
  const [, text, top] =
    /^\?\$filter=contains\(displayName,%27(\d+)%27\)&\$orderby=displayName%20desc&\$top=(\d+)$/.exec(query)!;
  return collection(
    root,
    "",
    (found.all(text, Number(top)) as Row[]).map((row) => `{${entity(row)}`),
  );
}

function create(body: string, root: string, res: ServerResponse): void {
  const { targetGroupId, excludeGroup } = JSON.parse(body) as { targetGroupId: string; excludeGroup: boolean };
  const id = randomUUID();
  const document = `{"intent":null,"source":"direct","sourceId":null,"target":null,"excludeGroup":${String(excludeGroup)}}`;
  insert.run(id, targetGroupId, document);
  const text = assignment([id, targetGroupId, document]);
  const context = `"@odata.context":"${root}$metadata#deviceConfigurationGroupAssignment/$entity"`;
  answer(res, 201, `{${context},${text}`, `${root}deviceConfigurationGroupAssignment('${id}')`);
}

function receive(req: IncomingMessage, res: ServerResponse): void {
  const url = req.url!;
  const root = `http://${req.headers.host!}/beta/`;
  if (req.method === "GET") {
    answer(res, 200, read(url, root));
  } else if (url === CREATED) {
    let body = "";
    req.setEncoding("utf8");
    req.on("data", (text: string) => (body += text));
    req.on("end", () => create(body, root, res));
  }
}

const server = createServer({ keepAliveTimeout: 60_000 }, receive);
server.listen(0, "127.0.0.1", () => report({ port: (server.address() as AddressInfo).port }));
