import { describe, expect, it } from "vitest";
import { checkAdmin, type AdminAccess } from "../../http/access/admin-only.ts";
import { configSchema, type ConfigFile } from "../config/schema.ts";
import { adminAccess, metricsAccess } from "./admin-access.ts";

const adminKey = "the-key-for-management";
const metrics = { key: "the-key-for-metrics" };

/** Returns the error message for a remote caller that sends `key`; `undefined` when it gets access. */
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

describe("the key for metrics", () => {
  const metricsOf = (file: ConfigFile) => metricsAccess(configSchema.parse(file));

  it("is the admin key if 'metrics.key' is not set, and the error message names it", () => {
    expect(refusal(metricsOf({ adminKey }), adminKey)).toBeUndefined();
    expect(refusal(metricsOf({ adminKey }), "wrong")).toContain("<adminKey>");
  });

  it("is 'metrics.key' if set: it gives no other access, and the admin key gives no access to metrics", () => {
    const file: ConfigFile = { adminKey, metrics };
    expect(refusal(metricsOf(file), metrics.key)).toBeUndefined();
    expect(refusal(metricsOf(file), adminKey)).toContain("<metrics.key>");
    expect(refusal(adminAccess(configSchema.parse(file)), metrics.key)).toContain("<adminKey>");
  });

  it.each<[ConfigFile["mode"], RegExp]>([
    ["dev", /only from programs on this machine.*Set 'metrics\.key' \(RINGMAIN_METRICS_KEY\)/],
    ["production", /'metrics\.key' \(RINGMAIN_METRICS_KEY\)/],
  ])("is named in the error message for a remote caller in %s mode", (mode, message) => {
    expect(refusal(metricsOf({ mode }), "any")).toMatch(message);
  });
});
