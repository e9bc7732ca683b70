import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AzBench, SUBSCRIPTION } from "../../support/clients/run-az.ts";
import { temporaryFolder } from "../../support/servers/run-ringmain.ts";

/** With a new configuration folder, az asks once for its newest version. All other requests stay on this machine. */
const VERSION_CHECK = "CONNECT azure.microsoft.com:443";

describe("az, set up and logged in", { timeout: 240_000 }, () => {
  let bench: AzBench;

  beforeAll(async () => {
    bench = await AzBench.start({ topics: [{ name: "declared" }] });
  });

  afterAll(async () => {
    expect((await bench.stop()).filter((request) => request !== VERSION_CHECK)).toEqual([]);
  });

  it("ringmain az: passes on az's output and exit code, and resources survive a restart", async () => {
    const created = await bench.ringmainAz(
      "eventgrid",
      "topic",
      "create",
      "-g",
      "ringmain",
      "-n",
      "kept",
      "-l",
      "local",
    );
    expect(created).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(created.stdout)).toMatchObject({ name: "kept", provisioningState: "Succeeded" });
    const authority = await readFile(bench.variables["REQUESTS_CA_BUNDLE"] ?? "");
    await bench.restart();
    expect(await bench.json("eventgrid topic list --query [].name")).toEqual(["declared", "kept"]);
    const shown = await bench.ringmainAz("eventgrid", "topic", "show", "-g", "ringmain", "-n", "none");
    expect(shown).toMatchObject({ code: 3, stderr: expect.stringContaining("(ResourceNotFound)") as string });
    expect(await readFile(bench.variables["REQUESTS_CA_BUNDLE"] ?? "")).toEqual(authority);
    expect((await bench.ringmainAz("eventgrid", "topic", "--help")).stdout).toContain("az eventgrid topic");
  });

  /** Creates a configuration folder of the user's own, with az's telemetry turned off. */
  const ownFolder = async (): Promise<Record<string, string>> => ({
    ...bench.variables,
    AZURE_CONFIG_DIR: await temporaryFolder(),
    AZURE_CORE_COLLECT_TELEMETRY: "0",
  });

  it.each([
    ["a tenant's id", "11111111-1111-1111-1111-111111111111"],
    ["a tenant's name", "contoso.onmicrosoft.com"],
  ])(
    "[EG-CLOUD-METADATA] [EG-ISSUER-METADATA] az cloud register and az login with %s, as users type them",
    async (_, tenant) => {
      const variables = await ownFolder();
      const register = `cloud register -n Local --endpoint-resource-manager ${bench.https}`;
      await bench.json(
        `${register} --endpoint-active-directory ${bench.https}/adfs --suffix-storage-endpoint core.windows.net`,
        variables,
      );
      await bench.json("cloud set -n Local", variables);
      const login = `login --service-principal -u any -p any --tenant ${tenant}`;
      expect(await bench.json(login, variables)).toMatchObject([{ id: SUBSCRIPTION.split("/")[2], state: "Enabled" }]);
      expect(await bench.json("eventgrid topic list --query [].name", variables)).toContain("declared");
    },
  );

  it("[EG-ISSUER-MANAGED] az login --identity", async () => {
    const variables = {
      ...(await ownFolder()),
      MSI_ENDPOINT: `${bench.https.replace("https:", "http:")}/msi/token`,
      MSI_SECRET: "any",
    };
    const register = `cloud register -n Local --endpoint-resource-manager ${bench.https}`;
    await bench.json(`${register} --endpoint-active-directory ${bench.https}/adfs`, variables);
    await bench.json("cloud set -n Local", variables);
    expect(await bench.json("login --identity", variables)).toMatchObject([{ state: "Enabled" }]);
    expect(await bench.json("eventgrid topic list --query [].name", variables)).toContain("declared");
  });

  it("az account: shows the subscription", async () => {
    expect(await bench.json("account show")).toMatchObject({ name: "Ringmain", isDefault: true });
    expect(await bench.json("account list-locations --query [].name")).toContain("westeurope");
    expect(await bench.json("account get-access-token --query tokenType")).toBe("Bearer");
  });
});
