import { expect } from "chai";
import { startGraph } from "./graph-server.js";

describe("the test server", () => {
  it("stores and answers", async () => {
    const graph = await startGraph();
    try {
      const created = await graph.client.post("/deviceConfigurationGroupAssignment/", {
        targetGroupId: "g",
        excludeGroup: true,
      });
      expect(created.status, created.text).to.equal(201);
      expect((await graph.client.get(`/deviceConfigurationGroupAssignment/${created.json.id}`)).status).to.equal(200);
    } finally {
      await graph.close();
    }
  });
});
