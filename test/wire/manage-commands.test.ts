import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { runCommand, type CommandResult } from "../support/clients/run-command.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";

type Json = Record<string, unknown>;

let receiver: Receiver;
let ringmain: RunningRingmain;
let folder: string;

beforeAll(async () => {
  receiver = await Receiver.start();
  ringmain = await runRingmain({ config: { topics: [{ name: "declared" }] }, args: ["--memory"] });
  folder = await temporaryFolder();
});

afterAll(async () => {
  await ringmain.stop();
  await receiver.stop();
  await removeFolders();
});

const run = (...args: string[]): Promise<CommandResult> => runCommand([...args, "--http", ringmain.ready.http], folder);

/** Runs a command that must succeed. Resolves with the objects that it printed, one per line. */
async function json(...args: string[]): Promise<Json[]> {
  const { code, output, errors } = await run(...args);
  expect(errors).toBe("");
  expect(code).toBe(0);
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Json);
}

/** Like {@link json}, for a command that waits for an endpoint's handshake and may say so on standard error. */
async function consented(...args: string[]): Promise<Json> {
  const { code, output } = await run(...args, "--wait");
  expect(code).toBe(0);
  return JSON.parse(output) as Json;
}

describe("commands on resources", () => {
  it("create, change, show and delete a topic, and print its keys", async () => {
    const args = ["topic", "create", "orders", "--input-schema", "cloudeventschemav1_0", "--tags", "team=a b"];
    expect(await json(...args)).toMatchObject([{ event: "topic", outcome: "created", name: "orders" }]);
    expect(await json(...args)).toMatchObject([{ outcome: "unchanged", tags: { team: "a b" } }]);
    expect(await json("topic", "update", "Orders", "--disable-local-auth", "true")).toMatchObject([
      { outcome: "changed", properties: { disableLocalAuth: true, inputSchema: "CloudEventSchemaV1_0" } },
    ]);
    const [before] = await json("topic", "keys", "orders");
    const [after] = await json("topic", "keys", "orders", "--regenerate", "key2");
    expect(after?.["key1"]).toBe(before?.["key1"]);
    expect(after?.["key2"]).not.toBe(before?.["key2"]);
    expect((await json("topic", "list")).map(({ name }) => name)).toEqual(["declared", "orders"]);
    expect(await json("topic", "delete", "orders")).toMatchObject([{ outcome: "deleted", name: "orders" }]);
    expect((await json("topic", "list")).map(({ name }) => name)).toEqual(["declared"]);
  });

  it("map the fields of a custom schema", async () => {
    const mapping = ["--input-mapping-fields", "event-type=kind", "--input-mapping-default-values", "subject=x"];
    const [created] = await json("topic", "create", "custom", "--input-schema", "CustomEventSchema", ...mapping);
    expect(created).toMatchObject({
      properties: {
        inputSchemaMapping: { properties: { eventType: { sourceField: "kind" }, subject: { defaultValue: "x" } } },
      },
    });
  });

  it("create a subscription that delivers the matching events", async () => {
    const filter = ["--subject-begins-with", "/x", "--advanced-filter", "data.n", "NumberIn", "1", "2"];
    const more = ["--advanced-filter", "data.k", "StringContains", "a", "--included-event-types", "Placed", "Paid"];
    const args = ["subscription", "create", "billing", "--topic", "declared", "--endpoint", receiver.url];
    const created = await consented(...args, ...filter, ...more);
    expect(created).toMatchObject({ outcome: "created", properties: { provisioningState: "Succeeded" } });
    const publish = (type: string, data: string): Promise<Json[]> =>
      json("event", "publish", "declared", "--type", type, "--subject", "/x/1", "--data", data);
    await publish("Other", '{"n": 1, "k": "abc"}');
    await publish("Placed", '{"n": 3, "k": "abc"}');
    await publish("Placed", '{"n": 2, "k": "abc"}');
    await receiver.until(() => receiver.events.length > 0);
    expect(receiver.events).toMatchObject([{ eventType: "Placed", data: { n: 2 } }]);

    const changed = await consented("subscription", "update", "billing", "--max-events-per-batch", "7");
    expect(changed).toMatchObject({
      outcome: "changed",
      properties: {
        provisioningState: "Succeeded",
        destination: { properties: { endpointBaseUrl: receiver.url, maxEventsPerBatch: 7 } },
        filter: { subjectBeginsWith: "/x", includedEventTypes: ["Placed", "Paid"] },
      },
    });
    const list = await run("subscription", "list", "--no-json");
    expect(list.output).toMatch(
      /^NAME +SOURCE +TYPE +ENDPOINT +STATE\nbilling +topics\/declared +WebHook +http:.* +Succeeded\n$/,
    );
    await json("subscription", "delete", "billing", "--topic", "declared");
    expect(await json("subscription", "list")).toEqual([]);
  });

  it("manage domains and system topics, and resources in another group", async () => {
    await json("domain", "create", "shop", "--auto-delete-topic-with-last-subscription", "false");
    const to = ["--domain", "shop", "--domain-topic", "europe"];
    await json("subscription", "create", "all", ...to, "--endpoint-type", "stream");
    const vault = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain/providers/Microsoft.KeyVault/vaults/v`;
    await json("system-topic", "create", "vault", "--topic-type", "Microsoft.KeyVault.vaults", "--source", vault);
    await json("subscription", "create", "all", "--system-topic", "vault", "--endpoint-type", "stream");
    const several = await run("subscription", "show", "all");
    expect(several).toMatchObject({
      code: 2,
      errors: expect.stringContaining("Several resources have the name") as string,
    });
    expect(await json("subscription", "show", "all", ...to)).toMatchObject([{ name: "all" }]);
    const missing = await run("topic", "create", "elsewhere", "-g", "nowhere");
    expect(missing).toMatchObject({ code: 1, errors: expect.stringContaining("'nowhere'") as string });
  });

  it("manage the topics of one domain or of all domains", async () => {
    for (const domain of ["bakery", "florist"]) await json("domain", "create", domain);
    const args = ["domain", "topic", "create", "paris", "--domain", "Bakery"];
    const id = expect.stringMatching(/\/domains\/bakery\/topics\/paris$/) as string;
    expect(await json(...args)).toMatchObject([{ event: "domain-topic", outcome: "created", name: "paris", id }]);
    expect(await json(...args)).toMatchObject([{ outcome: "unchanged" }]);
    await json("domain", "topic", "create", "lyon", "--domain", "bakery");
    await json("domain", "topic", "create", "paris", "--domain", "florist");
    const list = await run("domain", "topic", "list", "--no-json", "--domain", "bakery");
    expect(list.output).toBe("NAME   DOMAIN  GROUP\nlyon   bakery  ringmain\nparis  bakery  ringmain\n");
    const names = (await json("domain", "topic", "list")).map(({ id: found }) => String(found).split("/").slice(-3));
    expect(names).toEqual(
      expect.arrayContaining([
        ["bakery", "topics", "lyon"],
        ["florist", "topics", "paris"],
      ]),
    );
    const several = await run("domain", "topic", "show", "paris");
    expect(several).toMatchObject({
      code: 2,
      errors: expect.stringContaining("Several resources have the name") as string,
    });
    expect(await json("domain", "topic", "show", "lyon")).toMatchObject([
      { type: "Microsoft.EventGrid/domains/topics" },
    ]);
    expect(await json("domain", "topic", "delete", "paris", "--domain", "bakery")).toMatchObject([
      { event: "domain-topic", outcome: "deleted", id },
    ]);
    expect(await json("domain", "topic", "show", "paris")).toMatchObject([{ name: "paris" }]);
    for (const domain of ["bakery", "florist"]) await json("domain", "delete", domain);
  });

  it.each<[args: string, code: number, message: string]>([
    ["domain topic create abc", 2, "required option '--domain <name>'"],
    ["domain topic create abc --domain none", 1, "There is no domain 'none'"],
    ["domain topic create a+b --domain shop", 1, "must hold only letters, digits"],
    ["domain topic show europ --domain shop", 1, "There is no domain topic 'europ'. Did you mean 'europe'?"],
    ["domain topic delete abc -g none", 1, "'none'"],
    ["domain topic update europe", 2, "unknown command 'update'"],
    ["event publish nothing", 1, "'nothing'"],
    ["topic show declard", 1, "There is no topic 'declard'. Did you mean 'declared'? Known names: custom, declared."],
    ["domain show none -g ringmain --subscription 11111111-1111-4111-8111-111111111111", 1, "ringmain domain create"],
    ["topic create no", 1, "between 3 and 50 characters"],
    ["topic create a/b", 2, "must not contain a slash"],
    ["topic create abc --input-schema Xml", 1, "inputSchema"],
    ["topic create abc --tags team", 2, "--tags: 'team' is not of the form name=value"],
    ["topic create abc --disable-local-auth maybe", 2, "The value must be true or false."],
    ["topic creat abc", 2, "unknown command 'creat'"],
    ["topic create", 2, "missing required argument 'name'"],
    ["system-topic create vaults", 2, "--topic-type"],
    ["subscription create abc --endpoint http://127.0.0.1:1/", 2, "The source is missing"],
    ["subscription create abc --topic declared", 2, "The destination is missing"],
    ["subscription create abc --topic declared --domain shop --endpoint x", 2, "A subscription has one source"],
    ["subscription create abc --domain-topic europe --endpoint x", 2, "needs --domain"],
    ["subscription create abc --topic nothing --endpoint x", 1, "There is no topic 'nothing'"],
    ["subscription create abc --topic declared --endpoint nowhere", 1, "Supplied URL is invalid"],
    ["subscription create abc --topic declared --endpoint x --event-ttl soon", 2, "The value must be a whole number."],
  ])("'%s' fails with an explanation", async (args, code, message) => {
    const result = await run(...args.split(" "));
    expect(result.errors).toContain(message);
    expect(result.code).toBe(code);
  });
});
