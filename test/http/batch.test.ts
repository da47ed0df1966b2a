import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { graphScopes } from "../../src/graph/index.js";
import { configurations } from "../graph/support.js";
import { answeredParts, changeSet, multipart, part, post, statusesOf } from "../service/support/batch.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";

const sets = "deviceConfigurationGroupAssignment";
const rootCertificate = {
  "@odata.type": "#microsoft.graph.windows81TrustedRootCertificate",
  displayName: "Root",
  trustedRootCertificate: "AAAA",
  certFileName: "root.cer",
};

describe("batches over HTTP", () => {
  let graph: GraphServer;
  let reader: string;
  before(async () => {
    graph = await startGraph({ limits: { maxBodyBytes: 200_000 } });
    reader = await graph.token([graphScopes[0]]);
  });
  after(() => graph.close());
  const requests = [
    { id: "1", method: "GET", url: "$metadata" },
    { id: "2", method: "GET", url: `/beta${configurations}` },
    { id: "3", method: "POST", url: `/beta${configurations}`, body: rootCertificate },
  ];
  const statuses = (json: { responses: { status: number }[] }) => json.responses.map(({ status }) => status);

  it("let each request pass by itself", async () => {
    expect(statuses((await graph.client.post("/$batch", { requests })).json)).to.deep.equal([200, 200, 201]);
    const answer = await graph.client.post("/$batch", { requests }, { token: reader });
    expect(statuses(answer.json)).to.deep.equal([200, 200, 403]);
    expect(answer.json.responses[2].body.error.innerError["request-id"]).to.equal(answer.headers["request-id"]);
    expect((await graph.client.post("/$batch", { requests }, { token: null })).status).to.equal(401);
  });

  it("hold change sets that refer to what they make", async () => {
    const body = multipart("b", [
      changeSet("c", [
        part(post(configurations.slice(1), rootCertificate), "1"),
        part(
          post("$1/groupAssignments", {
            target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: "g" },
          }),
          "2",
        ),
      ]),
      part("GET $1/groupAssignments/$count HTTP/1.1\nAccept: text/plain\n"),
    ]);
    const headers = {
      "content-type": "multipart/mixed; boundary=b",
      "odata-version": "4.0",
      "odata-maxversion": "4.0",
    };
    const answer = await graph.client.post("/$batch", body, { headers });
    expect([answer.status, answer.headers["odata-version"]]).to.deep.equal([200, "4.0"]);
    const parts = answeredParts(answer.headers["content-type"]!, answer.text);
    expect(statusesOf(parts)).to.deep.equal([[201, 201], 200]);
    expect((parts[1] as { text: string }).text.trim()).to.equal("1");
  });

  it("may be encoded", async () => {
    const body = gzipSync(JSON.stringify({ requests: requests.slice(0, 2) }));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect(statuses((await graph.client.post("/$batch", body, { headers })).json)).to.deep.equal([200, 200]);
  });

  it("have parts that may be encoded, up to what a body may have", async () => {
    const headers = { "content-type": "multipart/mixed; boundary=b" };
    const encoded = (length: number) => {
      const bytes = gzipSync(JSON.stringify({ ...rootCertificate, description: "x".repeat(length) }));
      const url = `/beta${configurations}`;
      const head = `POST ${url} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`;
      const envelope = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";
      return Buffer.concat([Buffer.from(`--b\r\n${envelope}${head}`), bytes, Buffer.from("\r\n--b--\r\n")]);
    };
    for (const [length, status] of [
      [150_000, 201],
      [250_000, 413],
    ] as const) {
      const answer = await graph.client.post("/$batch", encoded(length), { headers });
      expect(answer.status, answer.text).to.equal(200);
      expect(statusesOf(answeredParts(answer.headers["content-type"]!, answer.text))).to.deep.equal([status]);
    }
  });

  it("that are too large are refused, and those that are malformed: 4xx with the version", async () => {
    const large = await graph.client.post("/$batch", {
      requests: [{ ...requests[2], body: { x: "x".repeat(300_000) } }],
    });
    expect([large.status, large.headers["odata-version"]]).to.deep.equal([413, "4.01"]);
    const headers = { "content-type": "multipart/mixed; boundary=b", "odata-maxversion": "4.0" };
    const cut = await graph.client.post("/$batch", "--b\r\nContent-Type: application/http\r\n", { headers });
    expect([cut.status, cut.headers["odata-version"], cut.headers["content-language"]]).to.deep.equal([
      400,
      "4.0",
      "en",
    ]);
  });

  it("can be asynchronous, and their answer is for the client that asked", async () => {
    const headers = { prefer: "respond-async" };
    const accepted = await graph.client.post("/$batch", { requests: requests.slice(0, 2) }, { headers, token: reader });
    expect([accepted.status, accepted.headers["preference-applied"]]).to.deep.equal([202, "respond-async"]);
    const monitor = accepted.headers.location!.slice(`${graph.origin}/beta`.length);
    expect((await graph.client.get(monitor, { token: null })).status).to.equal(401);
    let answer = await graph.client.get(monitor, { token: reader });
    while (answer.status === 202) answer = await graph.client.get(monitor, { token: reader });
    expect([answer.status, answer.headers.asyncresult]).to.deep.equal([200, "200"]);
    expect(statuses(answer.json)).to.deep.equal([200, 200]);
    expect((await graph.client.delete(monitor, { token: reader })).status).to.equal(204);
    expect((await graph.client.get(monitor, { token: reader })).status).to.equal(404);
  });

  it("are answered for what they ask also where the entity is created asynchronously", async () => {
    const accepted = await graph.client.post(`/${sets}`, {}, { headers: { prefer: "respond-async, return=minimal" } });
    const monitor = accepted.headers.location!.slice(`${graph.origin}/beta`.length);
    let answer = await graph.client.get(monitor);
    while (answer.status === 202) answer = await graph.client.get(monitor);
    expect([answer.status, answer.headers.asyncresult]).to.deep.equal([200, "204"]);
    expect(answer.headers["odata-entityid"]).to.be.a("string");
  });

  it("OPTIONS needs no more than the right to read", async () => {
    const answer = await graph.client.call("OPTIONS", configurations, { token: reader });
    expect(answer.status).to.equal(204);
    expect(answer.headers.allow!.split(", ")).to.include.members(["GET", "HEAD", "POST"]);
  });
});
