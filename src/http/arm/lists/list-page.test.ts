import { describe, expect, it } from "vitest";
import { EG, startArmApp } from "../../../../test/support/servers/arm-app.ts";

describe("lists of Resource Manager", () => {
  it("[ARM-LIST] have pages with links that stay valid while the list changes", async () => {
    const { call } = await startArmApp();
    for (let index = 10; index < 35; index += 1) await call("PUT", `${EG}/topics/t-${index}`, { location: "local" });
    const first = await call("GET", `${EG}/topics?api-version=2022-06-15&$filter=contains(name,'t-')`);
    expect(first.body.value).toHaveLength(20);
    const next = new URL(first.body.nextLink);
    expect(next.origin).toBe("http://127.0.0.1:6500");
    await call("DELETE", `${EG}/topics/t-29`);
    const second = await call("GET", next.pathname + next.search);
    expect(second.body.value.map(({ name }: { name: string }) => name)).toEqual([
      "t-30",
      "t-31",
      "t-32",
      "t-33",
      "t-34",
    ]);
    expect(second.body.nextLink).toBeUndefined();
    for (const wrong of ["$top=0", "$top=101", "$top=x", "$skipToken=x", "$filter=location eq 'x'", "$filter=name"]) {
      const refused = await call("GET", `${EG}/topics?api-version=2022-06-15&${wrong}`);
      expect(refused, wrong).toMatchObject({ status: 400, body: { error: { code: "InvalidRequest" } } });
    }
  });

  it("[ARM-FILTER-LIMIT] are refused with 400 when the filter needs too many comparisons", async () => {
    const { call, harness } = await startArmApp();
    const domain = `${EG}/domains/d-1`;
    for (let index = 0; index < 20_000; index += 1) {
      const name = `t-${index}`;
      const id = `${domain}/topics/${name}`;
      const resource = {
        id,
        name,
        uid: name,
        type: "Microsoft.EventGrid/domains/topics" as const,
        location: "l",
        properties: {},
      };
      harness.engine.directory.apply({ id, after: { resource, etag: name } });
    }
    await call("PUT", domain, { location: "local" });
    const terms = Array.from({ length: 280 }, () => "name eq ''").join(" or ");
    const hostile = await call("GET", `${domain}/topics?api-version=2022-06-15&$filter=${encodeURIComponent(terms)}`);
    expect(hostile).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidRequest", message: expect.stringContaining("5000000 comparisons") } },
    });
    const honest = await call("GET", `${domain}/topics?api-version=2022-06-15&$filter=contains(name,'t-19999')`);
    expect(honest.body.value.map(({ name }: { name: string }) => name)).toEqual(["t-19999"]);
  });
});
