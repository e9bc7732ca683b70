import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../../src/core/resources/resource-id.ts";
import { AzBench, execute, SUBSCRIPTION, type ProcessResult } from "../../support/clients/run-az.ts";
import { temporaryFolder } from "../../support/servers/run-ringmain.ts";

/** With a new configuration folder, az asks once for its newest version. All other requests stay on this machine. */
const VERSION_CHECK = "CONNECT azure.microsoft.com:443";
const ADMIN_KEY = "a-key-that-az-cannot-send";
const TOPIC_ID = `${SUBSCRIPTION}/resourceGroups/ringmain/providers/Microsoft.EventGrid/topics`;

describe("az and the SDKs, with an admin key", { timeout: 240_000 }, () => {
  let bench: AzBench;

  beforeAll(async () => {
    bench = await AzBench.start({
      mode: "production",
      adminKey: ADMIN_KEY,
      delivery: { allowedHosts: ["127.0.0.1"] },
      clients: [
        { clientId: "watcher", clientSecret: "two", objectId: "watcher-id" },
        { clientId: "operator", clientSecret: "one", objectId: "operator-id" },
      ],
      roleAssignments: [
        { principalId: "operator-id", role: "EventGrid Contributor" },
        { principalId: "watcher-id", role: "EventGrid Data Sender" },
      ],
    });
  });

  afterAll(async () => {
    expect((await bench.stop()).filter((request) => request !== VERSION_CHECK)).toEqual([]);
  });

  const create = (name: string): string[] => [
    "eventgrid",
    "topic",
    "create",
    "-g",
    "ringmain",
    "-l",
    "local",
    "-n",
    name,
  ];

  it("[ARM-AUTH-TOKEN] ringmain az: manages as the application with a management role, without a login", async () => {
    const created = await bench.ringmainAz(...create("made"));
    expect(created).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(created.stdout)).toMatchObject({ id: `${TOPIC_ID}/made`, provisioningState: "Succeeded" });
    expect(await bench.json("eventgrid topic key list -g ringmain -n made --query 'length(key1)'")).toBe(44);
  });

  it("[ARM-LRO] ringmain az: shows the failed handshake of an endpoint", async () => {
    expect(await bench.ringmainAz(...create("strict"))).toMatchObject({ code: 0 });
    const subscription = ["eventgrid", "event-subscription", "create", "-n", "refused"];
    const to = ["--source-resource-id", `${TOPIC_ID}/strict`, "--endpoint", `${bench.ringmain.ready.http}/nowhere`];
    const refused = await bench.ringmainAz(...subscription, ...to);
    const reason = "(Url validation) The attempt to validate the provided endpoint";
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(reason) as string });
  });

  it("[ARM-AUTH-ROLE] az login: another application with its secret may do what its role allows, and none with a wrong secret", async () => {
    const variables = {
      ...bench.variables,
      AZURE_CONFIG_DIR: await temporaryFolder(),
      AZURE_CORE_COLLECT_TELEMETRY: "0",
    };
    const register = `cloud register -n Local --endpoint-resource-manager ${bench.https}`;
    const resource = "--endpoint-active-directory-resource-id https://management.azure.com/";
    await bench.json(`${register} --endpoint-active-directory ${bench.https}/adfs ${resource}`, variables);
    await bench.json("cloud set -n Local", variables);
    const login = (secret: string): Promise<ProcessResult> =>
      bench.az(`login --service-principal -u watcher -p ${secret} --tenant any`, variables);
    expect(await login("wrong")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Invalid client secret") as string,
    });
    expect((await login("two")).code).toBe(0);
    await bench.ringmainAz(...create("watched"));
    expect(await bench.json("eventgrid topic show -g ringmain -n watched --query name", variables)).toBe("watched");
    expect(await bench.az(create("refused").join(" "), variables)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("(AuthorizationFailed)") as string,
    });
  });

  it("[ARM-AUTH-TOKEN] @azure/arm-eventgrid and @azure/identity: with the application's secret, unmodified", async () => {
    // Restarts on the port in its settings: the SDK derives the token's audience from the address.
    await bench.restart();
    const script = fileURLToPath(new URL("../node/manage-by-identity.mjs", import.meta.url));
    const manage = async (...client: string[]): Promise<unknown> => {
      const args = [script, bench.https, DEFAULT_SUBSCRIPTION_ID, ...client, "by-sdk"];
      const { stdout } = await execute(process.execPath, args, {
        ...bench.environment,
        NODE_EXTRA_CA_CERTS: bench.variables["REQUESTS_CA_BUNDLE"] ?? "",
      });
      return JSON.parse(stdout);
    };
    expect(await manage("operator", "one")).toEqual({ id: `${TOPIC_ID}/by-sdk`, hasKey: true });
    expect(await manage("watcher", "two")).toMatchObject({ status: 403, code: "AuthorizationFailed" });
    expect(await manage("operator", ADMIN_KEY)).toEqual({ name: "AuthenticationRequiredError" });
  });
});
