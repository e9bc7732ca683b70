import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resource-id.ts";
import { Receiver } from "../support/receiver.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/run-ringmain.ts";
import { runCommand } from "../support/run-command.ts";

const GROUP = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain`;
const HUB = `${GROUP}/providers/Microsoft.EventHub/namespaces/lake/eventhubs/raw`;
const CONNECTION = "Endpoint=sb://localhost;SharedAccessKeyName=R;SharedAccessKey=S;UseDevelopmentEmulator=true;";

type Json = Record<string, unknown>;

let receiver: Receiver;
let folder: string;
const started: RunningRingmain[] = [];

const hook = (more: Json = {}): Json => ({
  endpointType: "WebHook",
  properties: { endpointUrl: receiver.url, ...more },
});

/** One of everything that a file can declare without an Azurite, and that Azure has too. */
function everything(): Json {
  return {
    connections: [{ name: "lake", connectionString: CONNECTION }],
    topics: [
      {
        name: "orders",
        inputSchema: "CloudEventSchemaV1_0",
        inboundIpRules: [{ ipMask: "127.0.0.1" }],
        subscriptions: [
          {
            name: "billing",
            destination: hook({
              endpointUrl: `${receiver.url}?code=it's`,
              maxEventsPerBatch: 5,
              deliveryAttributeMappings: [
                { name: "X-Key", type: "Static", properties: { value: "hush", isSecret: true } },
                { name: "X-Subject", type: "Dynamic", properties: { sourceField: "subject" } },
              ],
            }),
            filter: {
              includedEventTypes: ["Placed", "Paid"],
              subjectBeginsWith: "[/shop]",
              advancedFilters: [{ operatorType: "NumberInRange", key: "data.n", values: [[1.5, 2]] }],
            },
            labels: ["${not} 'one'"],
          },
          {
            name: "lake",
            destination: { endpointType: "EventHub", properties: { resourceId: HUB } },
            retryPolicy: { maxDeliveryAttempts: 3 },
          },
        ],
      },
      {
        name: "custom",
        inputSchema: "CustomEventSchema",
        inputSchemaMapping: {
          inputSchemaMappingType: "Json",
          properties: { eventType: { sourceField: "kind" }, subject: { defaultValue: "x" } },
        },
      },
    ],
    domains: [
      {
        name: "shop",
        autoDeleteTopicWithLastSubscription: false,
        topics: [{ name: "europe", subscriptions: [{ name: "first", destination: hook() }] }],
        subscriptions: [{ name: "all", destination: hook() }],
      },
    ],
    partnerNamespaces: [
      {
        name: "contoso",
        channels: [{ name: "news", source: "/contoso", subscriptions: [{ name: "reader", destination: hook() }] }],
      },
    ],
    systemTopics: [
      {
        name: "vault",
        topicType: "Microsoft.KeyVault.vaults",
        subscriptions: [{ name: "expiry", destination: hook() }],
      },
    ],
  };
}

async function start(config: unknown): Promise<RunningRingmain> {
  const ringmain = await runRingmain({ config, args: ["--memory"] });
  started.push(ringmain);
  return ringmain;
}

/** What a Ringmain holds, secrets included and ids of its own not. */
async function holds({ ready }: RunningRingmain): Promise<unknown> {
  const args = ["export", "--format", "config", "--include-secrets", "--http", ready.http];
  const { code, output } = await runCommand(args, folder);
  expect(code).toBe(0);
  return JSON.parse(output);
}

/** Keys are made anew wherever a template is deployed. */
function withoutKeys(value: unknown): unknown {
  const text = JSON.stringify(value, (name, member: unknown) => (/^key[12]$/.test(name) ? undefined : member));
  return JSON.parse(text);
}

beforeAll(async () => {
  receiver = await Receiver.start();
  folder = await temporaryFolder();
});

afterAll(async () => {
  await Promise.all(started.map((ringmain) => ringmain.stop()));
  await receiver.stop();
  await removeFolders();
});

describe("what is exported", () => {
  let first: RunningRingmain;
  let before: unknown;

  beforeAll(async () => {
    first = await start(everything());
    before = await holds(first);
  });

  const file = async (format: string, ...args: string[]): Promise<string> => {
    const path = join(folder, `export.${format}`);
    const command = ["export", "--format", format, "--output", path, "--http", first.ready.http, ...args];
    expect(await runCommand(command, folder)).toMatchObject({ code: 0 });
    return path;
  };

  it("as a configuration file starts a Ringmain that holds the same", async () => {
    const config = JSON.parse(await readFile(await file("config", "--include-secrets"), "utf8")) as Json;
    const second = await start({ connections: everything()["connections"], ...config });
    expect(await holds(second)).toEqual(before);
  });

  it("as an ARM template deploys to an empty Ringmain, which then holds the same", async () => {
    const path = await file("arm");
    expect(await readFile(path, "utf8")).not.toMatch(/hush|code=/);
    const template = JSON.parse(await readFile(path, "utf8")) as Json;
    const second = await start({ connections: everything()["connections"] });
    const parameters = {
      billingEndpointUrl: { value: `${receiver.url}?code=it's` },
      billingXKeyValue: { value: "hush" },
    };
    const deployed = await deploy(second, template, parameters);
    expect(deployed["error"]).toBeUndefined();
    expect(deployed["provisioningState"]).toBe("Succeeded");
    expect(withoutKeys(await holds(second))).toEqual(withoutKeys(before));
  });

  it("as Bicep names the same resources", async () => {
    const bicep = await readFile(await file("bicep"), "utf8");
    const { resources } = JSON.parse(await readFile(await file("arm"), "utf8")) as { resources: { type: string }[] };
    const declared = [...bicep.matchAll(/^resource \w+ '([^@]+)@[\d-]+' = \{$/gm)].map(([, type]) => type);
    expect(declared).toEqual(resources.map(({ type }) => type));
    expect(bicep).not.toMatch(/hush|code=/);
    expect(bicep).toContain("@secure()\nparam billingEndpointUrl string\n");
  });
});

async function deploy({ ready }: RunningRingmain, template: Json, parameters: Json): Promise<Json> {
  const url = `${ready.http}${GROUP}/providers/Microsoft.Resources/deployments/export?api-version=2021-04-01`;
  const headers = { authorization: "Bearer any", "content-type": "application/json" };
  const body = JSON.stringify({ properties: { mode: "Incremental", template, parameters } });
  const begun = await fetch(url, { method: "PUT", headers, body });
  let state: Json = { provisioningState: "Running" };
  expect(begun.status).toBe(201);
  while (state["provisioningState"] === "Running") {
    const answer = (await (await fetch(url, { headers })).json()) as { properties: Json };
    state = answer.properties;
  }
  return state;
}

describe("a command without a server", () => {
  it("says how to start one", async () => {
    const { code, errors } = await runCommand(["export", "--format", "arm", "--http", "http://127.0.0.1:1"], folder);
    expect(code).toBe(1);
    expect(errors).toContain("Is 'ringmain start' running there?");
  });

  it("refuses a format that there is not", async () => {
    await writeFile(join(folder, "x"), "");
    const { code, errors } = await runCommand(["export", "--format", "xml"], folder);
    expect(code).toBe(2);
    expect(errors).toContain("Allowed choices are bicep, arm, config");
  });
});
