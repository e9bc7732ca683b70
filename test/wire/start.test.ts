import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import { cli, launchRingmain, removeFolders, runRingmain, temporaryFolder } from "../support/servers/run-ringmain.ts";

const key1 = Buffer.from("a key for the tests of starting!").toString("base64");
const event = { id: "1", subject: "s", eventType: "Order.Placed", eventTime: "2026-01-01T00:00:00Z", data: {} };

interface ProcessResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line until it exits. */
async function run(args: readonly string[], folder: string): Promise<ProcessResult> {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

async function publish(endpoint: string, id: string): Promise<number> {
  const headers = { "aeg-sas-key": key1 };
  const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify([{ ...event, id }]) });
  return response.status;
}

describe("ringmain start", () => {
  let receiver: Receiver;
  const webhook = () => ({ endpointType: "WebHook", properties: { endpointUrl: receiver.url } });

  beforeAll(async () => {
    receiver = await Receiver.start();
  });
  afterAll(async () => {
    await receiver.stop();
    await removeFolders();
  });

  it("keeps the contract for scripts: a ready line, a publish address, a clean exit", async () => {
    const ringmain = await runRingmain({
      config: { topics: [{ name: "orders", key1, subscriptions: [{ name: "hook", destination: webhook() }] }] },
    });
    const { http, topics } = ringmain.ready;
    expect(http).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(topics).toMatchObject([{ name: "orders", endpoint: `${http}/topics/orders/api/events`, key1 }]);
    expect(await publish(`${http}/topics/orders/api/events`, "contract")).toBe(200);
    expect((await fetch(`${http}/ringmain/quiesce`)).status).toBe(200);
    expect(receiver.events.map(({ id }) => id)).toEqual(["contract"]);
    expect(await ringmain.stop()).toBe(0);
    for (const line of ringmain.lines) expect(JSON.parse(line)).toHaveProperty("event");
    expect(ringmain.lines.join()).not.toContain('"level":"error"');
  });

  it("[EG-HANDSHAKE-URL] sends webhooks a validation URL that works", async () => {
    const ringmain = await runRingmain({
      config: { topics: [{ name: "orders", key1, subscriptions: [{ name: "asked", destination: webhook() }] }] },
    });
    const urls = (): string[] =>
      receiver.validations.map(
        ({ body }) => (body as { data: { validationUrl: string } }[])[0]?.data.validationUrl ?? "",
      );
    const own = `${ringmain.ready.http}/eventsubscriptions/asked/validate?id=`;
    await fetch(`${ringmain.ready.http}/ringmain/quiesce`);
    const url = urls().find((candidate) => candidate.startsWith(own)) ?? "";
    expect(url.slice(own.length)).toMatch(/^[0-9a-f-]{36}$/);
    expect((await fetch(url)).status).toBe(200);
    await ringmain.stop();
  });

  it("exits with 2 and prints one line per problem for a bad configuration", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "bad.json"), JSON.stringify({ tpoics: [], port: "x", topics: [{ name: "a" }] }));
    const ended = await run(["start", "--config", "bad.json"], folder);
    expect(ended).toMatchObject({ code: 2, out: "" });
    const lines = ended.err.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines).toContain("bad.json: unknown property 'tpoics'; did you mean 'topics'?");
    const checked = await run(["config", "check", "--config", "bad.json"], folder);
    expect(checked).toMatchObject({ code: 2, err: ended.err });
  });

  it.each([
    [["start", "--prot", "1"], "--port"],
    [["strat"], "start"],
    [["event", "publish"], "topic"],
  ])("exits with 2 and a hint when misused: %s", async (args, hint) => {
    const ended = await run(args, await temporaryFolder());
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(hint);
  });

  it.each([
    [[]],
    [["start"]],
    [["event", "publish"]],
    [["functions"]],
    [["config"]],
    [["config", "show"]],
    [["config", "check"]],
  ])("prints help: %s --help", async (command) => {
    const ended = await run([...command, "--help"], await temporaryFolder());
    expect(ended.code).toBe(0);
    expect(ended.out).toContain(["Usage: ringmain", ...command].join(" "));
  });

  it("names the store that it waits for, and stops at once on SIGTERM", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    const ringmain = await launchRingmain({ args: ["--store", `nats://127.0.0.1:${port}`] });
    const line = await ringmain.line((entry) => entry["event"] === "store_not_ready");
    expect(line).toMatchObject({ level: "warn", reason: expect.stringContaining(`127.0.0.1:${port}`) as string });
    const stoppedAt = performance.now();
    expect(await ringmain.stop()).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(1_000);
  });

  it("refuses a data folder that another process uses", async () => {
    const data = await temporaryFolder();
    const first = await runRingmain({ data });
    await expect(runRingmain({ data })).rejects.toThrow(/another|in use|used by/i);
    expect(await first.stop()).toBe(0);
    const next = await runRingmain({ data });
    expect(await next.stop()).toBe(0);
  });

  it("names the port that is taken", async () => {
    const folder = await temporaryFolder();
    const ended = await run(["start", "--memory", "--port", String(receiver.port)], folder);
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(`127.0.0.1:${receiver.port}`);
  });

  it("keeps generated keys after a restart, and hides secrets in production", async () => {
    const data = await temporaryFolder();
    const config = { topics: [{ name: "orders" }] };
    const first = await runRingmain({ data, config });
    await first.stop();
    const second = await runRingmain({ data, config });
    expect(second.ready.topics[0]?.key1).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(second.ready.topics).toMatchObject([{ key1: first.ready.topics[0]?.key1 }]);
    await second.stop();
    const third = await runRingmain({ data, config, args: ["--mode", "production"] });
    expect(Object.keys(third.ready.topics[0] ?? {})).toEqual(["name", "endpoint"]);
    expect((await fetch(`${third.ready.http}/ringmain/quiesce`)).status).toBe(403);
    await third.stop();
  });

  it("applies new topics in its file at once, and ignores a file with mistakes", async () => {
    const ringmain = await runRingmain({ config: { topics: [{ name: "first", key1 }] } });
    const { http } = ringmain.ready;
    await writeFile(ringmain.configFile, JSON.stringify({ topics: [{ name: "second", key1 }] }));
    await ringmain.line(({ event: name }) => name === "configuration_applied");
    expect(await publish(`${http}/topics/second/api/events`, "x")).toBe(200);
    expect(await publish(`${http}/topics/first/api/events`, "x")).toBe(404);
    await writeFile(ringmain.configFile, '{ "topics": [{ "nmae": "third" }] }');
    const refused = await ringmain.line(({ event: name }) => name === "configuration_refused");
    expect(refused["problem"]).toContain("topics[0]");
    expect(await publish(`${http}/topics/second/api/events`, "x")).toBe(200);
    expect(await ringmain.stop()).toBe(0);
  });

  it("publishes from the command line, in the schema of the topic", async () => {
    const subscriptions = [{ name: "hook", destination: webhook() }];
    const ringmain = await runRingmain({
      config: {
        topics: [
          { name: "orders", subscriptions },
          { name: "clouds", inputSchema: "CloudEventSchemaV1_0", subscriptions },
        ],
      },
    });
    const folder = await temporaryFolder();
    const at = ["--http", ringmain.ready.http];
    const printed = await run(
      ["event", "publish", "orders", "--type", "Cli.Event", "--data", '{"n": 1}', ...at],
      folder,
    );
    expect(printed).toMatchObject({ code: 0, out: '{"event":"published","topic":"orders","events":1}\n' });
    await writeFile(
      join(folder, "events.json"),
      JSON.stringify([{ specversion: "1.0", id: "f", source: "/f", type: "Cli.File" }]),
    );
    expect(await run(["event", "publish", "clouds", "--file", "events.json", ...at], folder)).toMatchObject({
      code: 0,
    });
    await fetch(`${ringmain.ready.http}/ringmain/quiesce`);
    expect(receiver.events.find(({ eventType }) => eventType === "Cli.Event")).toMatchObject({ data: { n: 1 } });
    expect(receiver.events.find(({ type }) => type === "Cli.File")).toMatchObject({ source: "/f" });
    const unknown = await run(["event", "publish", "nothing", ...at], folder);
    expect(unknown).toMatchObject({ code: 1, err: "There is no topic 'nothing'.\n" });
    await ringmain.stop();
    const gone = await run(["event", "publish", "orders", ...at], folder);
    expect(gone.code).toBe(1);
    expect(gone.err).toContain("Check that 'ringmain start' is running");
  });

  it("[EG-DEADLETTER-FOLDER] [EG-RETRY-SHORT] soon writes dead letters next to its file, in the form of Azure's blobs", async () => {
    receiver.answer = () => 400;
    const destination = webhook();
    const ringmain = await runRingmain({
      config: {
        topics: [
          {
            name: "orders",
            key1,
            subscriptions: [
              {
                name: "refused",
                destination,
                deadLetterDestination: { endpointType: "Folder", properties: { path: "dead-letters" } },
              },
            ],
          },
        ],
      },
    });
    await publish(`${ringmain.ready.http}/topics/orders/api/events`, "dead");
    const { file } = await ringmain.line((line) => line["event"] === "events_dead_lettered");
    receiver.answer = () => 200;
    await ringmain.stop();
    const folder = join(dirname(ringmain.configFile), "dead-letters");
    const path = String(file);
    expect(relative(folder, path)).toMatch(/^REFUSED\/\d{4}\/\d{1,2}\/\d{1,2}\/\d{1,2}\/[0-9a-f-]{36}\.json$/);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject([
      {
        id: "dead",
        deadLetterReason: "UndeliverableDueToHttpBadRequest",
        deliveryAttempts: 1,
        lastDeliveryOutcome: "BadRequest",
      },
    ]);
  });
});
