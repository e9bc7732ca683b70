import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import { runCommand } from "../support/clients/run-command.ts";

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

/** A configuration with every kind of resource that Azure has and that needs no Azurite. */
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

/** Returns the resources of a Ringmain with their secrets, without its generated ids. */
async function holds({ ready }: RunningRingmain): Promise<unknown> {
  const args = ["export", "--format", "config", "--include-secrets", "--http", ready.http];
  const { code, output } = await runCommand(args, folder);
  expect(code).toBe(0);
  return JSON.parse(output);
}

/** Removes keys, which every deployment of a template generates anew. */
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

describe("an export", () => {
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

  it("as a configuration file starts a Ringmain with the same resources", async () => {
    const config = JSON.parse(await readFile(await file("config", "--include-secrets"), "utf8")) as Json;
    const second = await start({ connections: everything()["connections"], ...config });
    expect(await holds(second)).toEqual(before);
  });

  it("as an ARM template deploys the same resources to an empty Ringmain", async () => {
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

  it("as Bicep declares the same resources", async () => {
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
    const deployment = (await (await fetch(url, { headers })).json()) as { properties: Json };
    state = deployment.properties;
  }
  return state;
}

describe("an import", () => {
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    ringmain = await start({ connections: everything()["connections"] });
  });

  /** Imports JSON. Resolves with the outcome of each resource by its name. */
  async function imported(
    content: unknown,
    ...args: string[]
  ): Promise<Json & { code: number | null; errors: string }> {
    const path = join(folder, "import.json");
    await writeFile(path, JSON.stringify(content));
    const { code, output, errors } = await runCommand(["import", path, "--http", ringmain.ready.http, ...args], folder);
    const printed = output.split("\n").filter((line) => line !== "");
    const lines = printed.map((line) => JSON.parse(line) as { id: string; outcome: string });
    const outcomes = lines.map(({ id, outcome }) => [id.slice(id.lastIndexOf("/") + 1), outcome] as const);
    return { code, errors, ...Object.fromEntries(outcomes) };
  }

  const topicId = (name: string, group = GROUP): string => `${group}/providers/Microsoft.EventGrid/topics/${name}`;

  it("of a configuration reports created, unchanged, then changed resources", async () => {
    const config = everything();
    expect(await imported(config)).toMatchObject({ code: 0, orders: "created", billing: "created", news: "created" });
    expect(await imported(config)).toMatchObject({ code: 0, orders: "unchanged", billing: "unchanged" });
    const [orders] = config["topics"] as Json[];
    const changed = { ...config, topics: [{ ...orders, disableLocalAuth: true }] };
    expect(await imported(changed)).toMatchObject({ code: 0, orders: "changed", billing: "unchanged" });
  });

  it("of a template accepts parameters, and is refused if they are missing", async () => {
    const template = {
      $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      contentVersion: "1.0.0.0",
      parameters: { name: { type: "string" }, schema: { type: "string", defaultValue: "EventGridSchema" } },
      resources: [
        {
          type: "Microsoft.EventGrid/topics",
          apiVersion: "2025-02-15",
          name: "[parameters('name')]",
          location: "[resourceGroup().location]",
          properties: { inputSchema: "[parameters('schema')]" },
        },
      ],
    };
    const values = join(folder, "parameters.json");
    await writeFile(values, JSON.stringify({ parameters: { name: { value: "unused" } } }));
    const args = ["-g", "made", "--parameters", values, "name=deployed"];
    expect(await imported(template, ...args)).toMatchObject({ code: 0, made: "created", deployed: "created" });
    expect(await imported(template, ...args)).toMatchObject({ code: 0, deployed: "unchanged" });
    const missing = await imported(template);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.errors).toContain("'name' is not provided");
    const refused = await imported(template, "--parameters", "name=no", "schema=EventGridSchema");
    expect(refused).toMatchObject({ code: 1, no: "refused" });
  });

  it("of az's output keeps its ids, creates its groups, and reports members that it does not support", async () => {
    const group = "/subscriptions/3f1b8a6e-0000-4000-8000-0123456789ab/resourceGroups/shop";
    const id = topicId("printed", group);
    const printed = [
      {
        id: `${id}/providers/Microsoft.EventGrid/eventSubscriptions/reader`,
        destination: { endpointType: "WebHook", endpointUrl: receiver.url, endpointBaseUrl: receiver.url },
        filter: { includedEventTypes: ["Placed"] },
      },
      { id, name: "printed", location: "westeurope", inputSchema: "CloudEventSchemaV1_0", endpoint: "https://x" },
      { id: topicId("no", group), location: "westeurope" },
      { id: `${group}/providers/Microsoft.EventGrid/namespaces/names`, location: "westeurope" },
      { name: "nothing" },
    ];
    const result = await imported(printed);
    expect(result).toMatchObject({ code: 1, shop: "created", printed: "created", reader: "created" });
    expect(result).toMatchObject({ no: "refused", names: "skipped", "[4]": "refused" });
    expect(result.errors).toContain("2 resources were refused.");
    expect(await imported(printed.slice(0, 2))).toMatchObject({ code: 0, printed: "unchanged", reader: "unchanged" });
  });

  it("reads standard input, too", async () => {
    const printed = JSON.stringify({ id: topicId("piped"), name: "piped", location: "local" });
    const { code, output } = await runCommand(["import", "-", "--http", ringmain.ready.http], folder, printed);
    expect(JSON.parse(output)).toMatchObject({ id: topicId("piped"), outcome: "created" });
    expect(code).toBe(0);
  });

  it.each<[description: string, text: string, message: string]>([
    ["broken JSON", "{", "is not valid JSON"],
    ["a number", "7", "must contain a JSON object or array"],
    ["an unknown setting", '{"topicz": []}', "topicz"],
  ])("from %s is refused", async (_what, text, message) => {
    const path = join(folder, "bad.json");
    await writeFile(path, text);
    const { code, errors } = await runCommand(["import", path, "--http", ringmain.ready.http], folder);
    expect(code).toBe(2);
    expect(errors).toContain(message);
  });
});

describe("a command without a server", () => {
  it("explains how to start a server", async () => {
    const { code, errors } = await runCommand(["export", "--format", "arm", "--http", "http://127.0.0.1:1"], folder);
    expect(code).toBe(1);
    expect(errors).toContain("Check that 'ringmain start' is running");
  });

  it("exports one group, and explains how to export the others", async () => {
    const ringmain = await start({ topics: [] });
    const at = ["--http", ringmain.ready.http];
    for (const group of ["north", "south"]) {
      await fetch(`${ringmain.ready.http}${GROUP.replace("ringmain", group)}?api-version=2021-04-01`, {
        method: "PUT",
        headers: { authorization: "Bearer any", "content-type": "application/json" },
        body: JSON.stringify({ location: "local" }),
      });
      await runCommand(["topic", "create", `of-${group}`, "-g", group, ...at], folder);
    }
    const exported = (...args: string[]): ReturnType<typeof runCommand> =>
      runCommand(["export", "--format", ...args, ...at], folder);
    const line = (group: string, format: string, file: string): string =>
      `'${group}' has 1 resource: ringmain export --format ${format} --resource-group ${group} --output ${file}\n`;

    expect(await exported("bicep")).toMatchObject({
      code: 1,
      output: "",
      errors: `The resource group 'ringmain' is empty. To export another group, set --resource-group:\n${line("north", "bicep", "north.bicep")}${line("south", "bicep", "south.bicep")}`,
    });
    await runCommand(["topic", "create", "orders", ...at], folder);
    const first = await exported("arm");
    expect(JSON.parse(first.output)).toMatchObject({ resources: [{ name: "orders" }] });
    expect(first.errors).toContain(`warning: not in this file: resource group ${line("south", "arm", "south.json")}`);
    const named = await exported("config", "-g", "South");
    expect(named).toMatchObject({ code: 0, errors: "" });
    expect(JSON.parse(named.output)).toMatchObject({ topics: [{ name: "of-south" }] });
    expect(await exported("arm", "-g", "sout")).toMatchObject({
      code: 1,
      errors: expect.stringContaining("Did you mean 'south'? Known resource groups:") as string,
    });
    expect((await exported("arm", "-g", "north,south")).errors).toContain("A file contains one resource group");
    expect(await exported("arm", "-g", "north", "-g", "south")).toMatchObject({
      code: 2,
      errors: expect.stringContaining(
        "The option was already set to 'north'. Run the command once for each resource group.",
      ) as string,
    });
  });

  it("refuses an unknown format", async () => {
    await writeFile(join(folder, "x"), "");
    const { code, errors } = await runCommand(["export", "--format", "xml"], folder);
    expect(code).toBe(2);
    expect(errors).toContain("Allowed choices are bicep, arm, config");
  });
});
