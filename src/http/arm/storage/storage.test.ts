import { describe, expect, it } from "vitest";
import { RingmainError } from "../../../core/errors.ts";
import { DEFAULT_SUBSCRIPTION_ID } from "../../../core/resources/resource-id.ts";
import { NO_STORAGE, startArmApp } from "../../../../test/support/servers/arm-app.ts";

const ACCOUNTS = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain/providers/Microsoft.Storage/storageAccounts`;
const account = { location: "local", sku: { name: "Standard_LRS" }, kind: "StorageV2", properties: {} };

describe("a storage account [ARM-STORAGE-ACCOUNT]", () => {
  it("is returned with its addresses once it is served", async () => {
    const endpoints = { blob: "http://127.0.0.1:10000/photos/" };
    const { call } = await startArmApp({ storage: { ...NO_STORAGE, endpoints: () => endpoints } });
    const created = await call("PUT", `${ACCOUNTS}/photos?api-version=2022-09-01`, account);
    expect(created).toMatchObject({
      status: 200,
      body: { name: "photos", properties: { primaryEndpoints: endpoints } },
    });
    const keys = await call("POST", `${ACCOUNTS}/photos/listKeys?api-version=2022-09-01`);
    expect(keys.body).toMatchObject({ keys: [{ keyName: "key1", permissions: "FULL" }, { keyName: "key2" }] });
  });

  it("is deleted again when it cannot be served, and the error names the reason", async () => {
    const reason = new RingmainError("not_found", "Azurite is not installed.");
    const { call } = await startArmApp({
      storage: { ...NO_STORAGE, ready: () => Promise.reject(reason) },
    });
    const refused = await call("PUT", `${ACCOUNTS}/photos?api-version=2022-09-01`, account);
    expect(refused.body).toMatchObject({ error: { message: "Azurite is not installed." } });
    expect((await call("GET", `${ACCOUNTS}/photos?api-version=2022-09-01`)).status).toBe(404);
  });

  it.each([
    ["photos", { nameAvailable: true }],
    ["No", { nameAvailable: false, reason: "AccountNameInvalid" }],
    ["taken", { nameAvailable: false, reason: "AlreadyExists" }],
  ])("named %s is looked at before", async (name, answer) => {
    const { call } = await startArmApp();
    await call("PUT", `${ACCOUNTS}/taken?api-version=2022-09-01`, account);
    const path = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/providers/Microsoft.Storage/checkNameAvailability`;
    const asked = await call("POST", `${path}?api-version=2022-09-01`, {
      name,
      type: "Microsoft.Storage/storageAccounts",
    });
    expect(asked.body).toMatchObject(answer);
  });
});
