import { startKeyed } from "/work/main/test/support/keyed-service.js";
for (const driver of ["sqlite", "sqlite3"] as const) describe(driver, () => {
  it("probe", async () => {
    const s = await startKeyed({ driver });
    const c = s.client;
    const show = (l: string, a: any) => console.log(l, a.status, a.text.slice(0, 700), a.headers.location ?? "");
    try {
      for (const k of ["a/b", "it's", "a b", "äö", "100%", "a+b", "a#b", "a?b", "", "$count", "a.b", "Keys.Tag", "😀", "(x)", "a,b", "null", "%2F", "'", "a=b", "@x", "\n", "a\0b", "\ud800", "..", ".", "$ref"]) {
        const a = await c.post("/Tags", { name: k, title: k });
        const loc = a.headers.location?.slice(s.origin.length + 5);
        const r = loc ? await c.get(loc) : undefined;
        const seg = await c.get("/Tags/" + encodeURIComponent(k));
        const ok = r?.json.name === k && seg.status === 200 && seg.json.name === k;
        if (!ok) { show(JSON.stringify(k), a); console.log("   ", r?.status, r?.text.slice(0, 200), "seg", seg.status, seg.text.slice(0, 200)); }
      }
      show("dup", await c.post("/Tags", { name: "a/b" }));
      show("nokey", await c.post("/Tags", { title: "a/b" }));
      show("uni", await c.post("/Tags", { name: "u1", barCode: "1" }));
      show("uni", await c.post("/Tags", { name: "u2", barCode: "1" }));
      show("thing", await c.post("/Things", '{"number":1,"big":9007199254740993,"bigInDocument":9223372036854775807,"price":12345678901234567890.12345678901234567890,"priceInDocument":0.10000000000000000001,"weight":1.5,"ratio":0.30000000000000004,"at":"2024-02-29T23:59:59.123456789012+05:30","atInDocument":"2024-02-29T23:59:59.1234567+05:30","flag":true,"place":{"city":"a","people":9007199254740993},"words":["x"]}'));
      show("patch", await c.patch("/Things(1)", '{"flag":false}'));
      show("get754", await c.get("/Things(1)", { headers: { accept: "application/json;IEEE754Compatible=true" } }));
      for (const r of ['"INF"', '"-INF"', '"NaN"', "0.1", "1e300", "-0.0", "5e-324", "1e21"]) {
        show("ratio " + r, await c.patch("/Things(1)", `{"ratio":${r}}`));
        show("  again", await c.patch("/Things(1)", `{"flag":true}`));
      }
      show("filter", await c.get("/Things?$filter=big eq 9007199254740993&$select=number".replaceAll(" ", "%20")));
      show("filter", await c.get("/Things?$filter=bigInDocument eq 9223372036854775807&$select=number".replaceAll(" ", "%20")));
      show("filter", await c.get("/Things?$filter=big gt 5&$select=number".replaceAll(" ", "%20")));
      show("filter", await c.get("/Things?$filter=price gt 5&$select=number".replaceAll(" ", "%20")));
      show("sticker", await c.post("/Stickers", { id: "00000000-0000-0000-0000-000000000001", text: "x" }));
      show("sticker", await c.post("/Stickers", { id: "00000000-0000-0000-0000-000000000001", text: "x", "tag@odata.bind": "Tags('u1')" }));
      show("stickernull", await c.post("/Stickers", { id: "00000000-0000-0000-0000-000000000002", text: null, "tag@odata.bind": "Tags('u1')" }));
      show("del", await c.delete("/Tags('u1')"));
      show("note", await c.post("/Notes", '{"id":9223372036854775807,"title":"t","any":1.50,"x@odata.type":"#Int32","x":5,"o":{"a":1}}'));
      show("note", await c.get("/Notes(9223372036854775807)"));
      show("note", await c.get("/Notes/9223372036854775807"));
      show("note", await c.patch("/Notes/9223372036854775807", {x: null, y: 2}));
      show("tr", await c.post("/Translations", '{"term":1,"language":"de","text":"x"}'));
      show("tr", await c.get("/Translations(language='de',term=1)"));
      show("tr", await c.post("/Translations", '{"term":1,"language":"de","text":"y"}'));
      show("tr", await c.post("/Translations", '{"term":2,"language":"de","text":"x"}'));
      show("tr", await c.delete("/Translations(language='de',term=1)"));
      show("links", await c.post("/Things(1)/parts/$ref", {"@odata.id": "Things(1)"}));
      show("links", await c.get("/Things(1)/parts?$select=number"));
      show("links", await c.get("/Things(1)?$expand=parts($select=number)&$select=number"));
      show("links", await c.post("/Tags('u2')/related/$ref", {"@odata.id": "Tags('a%2Fb')"}));
      show("links", await c.get("/Tags('u2')/related"));
    } finally { await s.close(); }
  });
});
