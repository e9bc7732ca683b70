import { describe, expect, it } from "vitest";
import { checkAdmin, type AdminAccess } from "../../http/access/admin-only.ts";
import { configSchema, type ConfigFile } from "../config/schema.ts";
import { adminAccess, metricsAccess } from "./admin-access.ts";

const adminKey = "the-key-of-who-manages";
const metrics = { key: "the-key-of-who-watches" };

/** Returns the message to a caller from elsewhere that shows a key; `undefined` when it is let in. */
function refusal(access: AdminAccess, key: string): string | undefined {
  const header = (name: string) => (name === "authorization" ? `Bearer ${key}` : undefined);
  const guarded = { calls: "Requests for metrics", setting: "metrics.key", variable: "RINGMAIN_METRICS_KEY" };
  try {
    checkAdmin(access, { address: "172.17.0.1", header }, guarded);
    return undefined;
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

describe("the key of metrics", () => {
  const metricsOf = (file: ConfigFile) => metricsAccess(configSchema.parse(file));

  it("is the admin key where there is none of their own, and the refusal says so", () => {
    expect(refusal(metricsOf({ adminKey }), adminKey)).toBeUndefined();
    expect(refusal(metricsOf({ adminKey }), "wrong")).toContain("<adminKey>");
  });

  it("is their own where there is one: it opens nothing else, and the admin key does not open them", () => {
    const file: ConfigFile = { adminKey, metrics };
    expect(refusal(metricsOf(file), metrics.key)).toBeUndefined();
    expect(refusal(metricsOf(file), adminKey)).toContain("<metrics.key>");
    expect(refusal(adminAccess(configSchema.parse(file)), metrics.key)).toContain("<adminKey>");
  });

  it.each<[ConfigFile["mode"], RegExp]>([
    ["dev", /only from programs on this machine.*Set 'metrics\.key' \(RINGMAIN_METRICS_KEY\)/],
    ["production", /'metrics\.key' \(RINGMAIN_METRICS_KEY\)/],
  ])("is named to who comes from elsewhere in %s", (mode, message) => {
    expect(refusal(metricsOf({ mode }), "any")).toMatch(message);
  });
});
