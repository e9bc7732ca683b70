import { expect, it } from "vitest";
import { settingsThatNeedRestart } from "./needs-restart.ts";
import { configSchema, type Config } from "../config/schema.ts";

const config = (changes: object = {}): Config => configSchema.parse(changes);

it("does not return settings that a running server applies", () => {
  const changed = config({
    topics: [{ name: "orders" }],
    domains: [{ name: "shops" }],
    connections: [{ name: "bus", connectionString: "Endpoint=sb://localhost" }],
  });
  expect(settingsThatNeedRestart(config(), changed)).toEqual([]);
});

it("returns the settings that take effect only at the next start", () => {
  expect(settingsThatNeedRestart(config(), config({ port: 8000, server: { connections: 10 } }))).toEqual([
    "port",
    "server",
  ]);
});

it("compares storage accounts without their subscriptions", () => {
  const account = (subscriptions: readonly object[]): Config =>
    config({ storageAccounts: [{ name: "pictures", subscriptions }] });
  const destination = { endpointType: "WebHook", properties: { endpointUrl: "http://localhost:1/" } };
  const subscription = { name: "thumbnails", destination };
  expect(settingsThatNeedRestart(account([]), account([subscription]))).toEqual([]);
  expect(settingsThatNeedRestart(config(), account([]))).toEqual(["storageAccounts"]);
});
