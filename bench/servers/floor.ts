import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import BetterSqlite3 from "better-sqlite3";
import { report } from "./report.js";

/**
 * The floor: what somebody would write by hand who needed these requests and nothing else. A bare listener, prepared
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
  "insert into device_configuration_assignment (id, target_group_id, document, device_configuration_id, type) values (?, ?, ?, ?, 'deviceConfigurationGroupAssignment')",
);
const update = database
  .prepare(
    `update device_configuration set supports_scope_tags = ?, last_modified_date_time = ?, version = version + 1
     where id = ? returning ${columns}`,
  )
  .raw(true);
const insertConfiguration = database.prepare(
  `insert into device_configuration (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);
// Triggers of the database note that the words for its full-text search are out of date; whoever writes brings them up to date.
const markFresh = database
  .prepare("update odata_search_device_configuration set stale = 0 where id = ? returning docid")
  .pluck(true);
const insertWords = database.prepare(
  "insert into odata_search_device_configuration_words (rowid, words) values (?, ?)",
);

const ROOT = "/beta/";
const COLLECTION = `${ROOT}deviceManagement/deviceConfigurations`;
const CREATED = `${ROOT}deviceConfigurationGroupAssignment`;
const BATCH = `${ROOT}$batch`;

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
  return withAssignments(row, assignmentsOf.all(row[0]) as AssignmentRow[]);
}

function withAssignments(row: Row, rows: AssignmentRow[]): string {
  const assignments = rows.map((item) => `{${assignment(item)}`).join(",");
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

interface NewAssignment {
  readonly targetGroupId: string;
  readonly excludeGroup: boolean;
}

function insertAssignment(
  { targetGroupId, excludeGroup }: NewAssignment,
  id: string,
  owner: string | null,
): AssignmentRow {
  const document = `{"intent":null,"source":"direct","sourceId":null,"target":null,"excludeGroup":${String(excludeGroup)}}`;
  insert.run(id, targetGroupId, document, owner);
  return [id, targetGroupId, document];
}

interface Created {
  readonly text: string;
  readonly location: string;
}

function create(given: NewAssignment, root: string): Created {
  const row = insertAssignment(given, randomUUID(), null);
  return {
    text: `{"@odata.context":"${root}$metadata#deviceConfigurationGroupAssignment/$entity",${assignment(row)}`,
    location: `${root}deviceConfigurationGroupAssignment('${row[0]}')`,
  };
}

function now(): string {
  return new Date().toISOString().slice(0, -1);
}

function change(url: string, body: string, root: string): string {
  const { supportsScopeTags } = JSON.parse(body) as { supportsScopeTags: boolean };
  const row = update.get(supportsScopeTags ? 1 : 0, now(), url.slice(COLLECTION.length + 1)) as Row;
  return `{"@odata.context":"${root}$metadata#deviceManagement/deviceConfigurations/$entity",${entity(row)}`;
}

interface NewCertificate {
  readonly displayName: string;
  readonly certFileName: string;
  readonly trustedRootCertificate: string;
  readonly groupAssignments: NewAssignment[];
}

const createDeep = database.transaction((given: NewCertificate, root: string): Created => {
  const id = randomUUID();
  const at = now();
  const document = `{"deviceManagementApplicabilityRuleDeviceMode":null,"deviceManagementApplicabilityRuleOsEdition":null,"deviceManagementApplicabilityRuleOsVersion":null,"roleScopeTagIds":[],"certFileName":${JSON.stringify(given.certFileName)},"trustedRootCertificate":${JSON.stringify(given.trustedRootCertificate)}}`;
  const row: Row = [id, at, null, given.displayName, at, 0, 1, document, "iosTrustedRootCertificate"];
  insertConfiguration.run(row);
  insertWords.run(markFresh.get(id), given.displayName.toLowerCase());
  const rows = given.groupAssignments.map((item) => insertAssignment(item, randomUUID(), id));
  rows.sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    text: `{"@odata.context":"${root}$metadata#deviceManagement/deviceConfigurations(groupAssignments())/$entity",${withAssignments(row, rows)}`,
    location: `${root}deviceManagement/deviceConfigurations('${id}')`,
  };
});

interface BatchItem {
  readonly id: string;
  readonly url: string;
  readonly atomicityGroup: string;
  readonly body: NewAssignment;
}

const ITEM_HEADERS = '"content-type":"application/json;odata.metadata=minimal","odata-version":"4.01"';

const createAll = database.transaction((requests: BatchItem[], root: string): string[] =>
  requests.map(({ id, atomicityGroup, body }) => {
    const { text, location } = create(body, root);
    return `{"id":"${id}","atomicityGroup":"${atomicityGroup}","status":201,"headers":{${ITEM_HEADERS},"location":"${location}"},"body":${text}}`;
  }),
);

/** All are reads, or all of them belong to one group of creates. */
function batch(body: string, root: string): string {
  const { requests } = JSON.parse(body) as { requests: (BatchItem & { readonly method: string })[] };
  const responses =
    requests[0]!.method === "POST"
      ? createAll(requests, root)
      : requests.map(
          ({ id, url }) =>
            `{"id":"${id}","status":200,"headers":{${ITEM_HEADERS}},"body":${read(`${ROOT}${url}`, root)}}`,
        );
  return `{"responses":[${responses.join(",")}]}`;
}

function write(method: string, url: string, body: string, root: string, res: ServerResponse): void {
  if (method === "PATCH") answer(res, 200, change(url, body, root));
  else if (url === BATCH) answer(res, 200, batch(body, root));
  else {
    const { text, location } =
      url === CREATED
        ? create(JSON.parse(body) as NewAssignment, root)
        : createDeep(JSON.parse(body) as NewCertificate, root);
    answer(res, 201, text, location);
  }
}

function receive(req: IncomingMessage, res: ServerResponse): void {
  const url = req.url!;
  const root = `http://${req.headers.host!}${ROOT}`;
  if (req.method === "GET") {
    answer(res, 200, read(url, root));
    return;
  }
  let body = "";
  req.setEncoding("utf8");
  req.on("data", (text: string) => (body += text));
  req.on("end", () => write(req.method!, url, body, root, res));
}

const server = createServer({ keepAliveTimeout: 60_000 }, receive);
server.listen(0, "127.0.0.1", () => report({ port: (server.address() as AddressInfo).port }));
