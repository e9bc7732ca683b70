import { afterEach, describe, expect, it } from "vitest";
import { GROUP_PATH, managementCalls } from "../support/clients/management-calls.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const ACCOUNT = `${GROUP_PATH}/providers/Microsoft.Storage/storageAccounts/unasked`;
const ADMIN_KEY = "an-admin-key-of-the-test";

describe("[ARM-STORAGE-AZURITE] a storage account without the option to start Azurite", () => {
  let ringmain: RunningRingmain | undefined;

  afterEach(async () => {
    await ringmain?.stop();
    await removeFolders();
  });

  const events = (running: RunningRingmain): string[] =>
    running.lines.map((line) => String((JSON.parse(line) as { event?: unknown }).event));

  it("starts Azurite in development, after a log entry about it", async () => {
    ringmain = await runRingmain({ args: ["--memory"] });
    const call = managementCalls(ringmain.ready.http, "2023-01-01");
    expect(events(ringmain)).not.toContain("azurite_started");
    const response = await call("PUT", ACCOUNT, {
      location: "local",
      sku: { name: "Standard_LRS" },
      kind: "StorageV2",
    });
    expect(response).toMatchObject({
      status: 200,
      body: { properties: { primaryEndpoints: { blob: expect.any(String) } } },
    });
    expect(await ringmain.line(({ event }) => event === "azurite_not_asked_for")).toMatchObject({
      level: "warn",
      accounts: ["unasked"],
      consequence: expect.stringContaining("Ringmain starts Azurite"),
    });
    const logged = events(ringmain);
    expect(logged.indexOf("azurite_not_asked_for")).toBeLessThan(logged.indexOf("azurite_started"));
    await call("DELETE", ACCOUNT);
  });

  it("is refused in production with the setting to use, starts nothing and is not stored", async () => {
    ringmain = await runRingmain({ config: { mode: "production", adminKey: ADMIN_KEY }, args: ["--memory"] });
    const call = managementCalls(ringmain.ready.http, "2023-01-01");
    const authorization = `Bearer ${ADMIN_KEY}`;
    const refused = await call("PUT", ACCOUNT, { location: "local" }, { authorization });
    expect(refused).toMatchObject({
      status: 501,
      body: { error: { code: "NotSupported", message: expect.stringContaining("'azurite' in the configuration") } },
    });
    expect((await call("GET", ACCOUNT, undefined, { authorization })).status).toBe(404);
    expect(events(ringmain)).not.toContain("azurite_started");
  });
});
