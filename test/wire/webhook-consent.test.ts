import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { armClient, TOKEN } from "../support/clients/arm-client.ts";
import { runCommand, type CommandResult } from "../support/clients/run-command.ts";
import {
  cli,
  removeFolders,
  runRingmain,
  temporaryFolder,
  type RunningRingmain,
} from "../support/servers/run-ringmain.ts";

type Json = Record<string, unknown>;

const GROUP = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain`;
const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/topics/orders`;
const ADMIN_KEY = "the-key-of-an-operator";
/**
 * Limit for a command that must not wait. A failing handshake is retried for ten seconds, and one that waits for
 * manual validation takes ten minutes.
 */
const AT_ONCE_MS = 8_000;

/** Endpoints without support for validation, each on its own port. */
class Endpoints {
  readonly #servers: Server[] = [];
  readonly urls: Readonly<Record<string, string>>;

  private constructor(servers: Server[], urls: Record<string, string>) {
    this.#servers = servers;
    this.urls = urls;
  }

  static async start(): Promise<Endpoints> {
    const plain = createServer((_request, response) => response.writeHead(200).end("hello"));
    const missing = createServer((_request, response) => response.writeHead(404).end());
    const silent = createServer(() => {});
    const closed = createServer();
    const urls: Record<string, string> = {};
    for (const [name, server] of Object.entries({ plain, missing, silent, closed })) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
    }
    closed.close();
    return new Endpoints([plain, missing, silent], urls);
  }

  of(name: string): string {
    const url = this.urls[name];
    if (url === undefined) throw new Error(`no endpoint '${name}'`);
    return url;
  }

  stop(): void {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}

const KINDS = ["plain", "missing", "silent", "closed"] as const;
let endpoints: Endpoints;
let folder: string;

beforeAll(async () => {
  endpoints = await Endpoints.start();
  folder = await temporaryFolder();
});

afterAll(async () => {
  endpoints.stop();
  await removeFolders();
});

const hook = (kind: string): Json => ({ endpointType: "WebHook", properties: { endpointUrl: endpoints.of(kind) } });
const everyKind = (): Json[] => KINDS.map((kind) => ({ name: `to-${kind}`, destination: hook(kind) }));

describe("[EG-HANDSHAKE-DEV] in development, webhooks that do not complete the handshake", () => {
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    ringmain = await runRingmain({
      config: { topics: [{ name: "orders" }, { name: "declared", subscriptions: everyKind() }] },
      args: ["--memory"],
    });
  });

  afterAll(() => ringmain.stop());

  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand([...args, "--http", ringmain.ready.http], folder);
  const call = (method: string, path: string, body: unknown): Promise<Response> =>
    fetch(`${ringmain.ready.http}${path}?api-version=${path.includes("EventGrid") ? "2025-02-15" : "2021-04-01"}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  const SENTENCES: Readonly<Record<(typeof KINDS)[number], string>> = {
    plain: "has not consented to events: POST http://127.0.0.1",
    missing: "answered the validation event with 404.",
    silent: "has not responded to the validation request yet.",
    closed: "ECONNREFUSED",
  };

  it.each(KINDS)(
    "are subscribed at once by the command line: %s",
    async (kind) => {
      const create = ["subscription", "create", `cli-${kind}`, "--topic", "orders", "--endpoint", endpoints.of(kind)];
      const created = await run(...create);
      expect(created).toMatchObject({ code: 0, errors: expect.stringContaining(SENTENCES[kind]) as string });
      expect(created.errors).toContain("In development, it receives events anyway");
      expect(created.errors).toContain("run the command again");
      expect(JSON.parse(created.output)).toMatchObject({
        outcome: "created",
        properties: { provisioningState: "Succeeded" },
        handshake: { validationUrl: expect.stringContaining(`/eventsubscriptions/cli-${kind}/validate?id=`) as string },
      });
      const updated = await run("subscription", "update", `cli-${kind}`, "--topic", "orders", "--labels", "new");
      expect(updated).toMatchObject({ code: 0, errors: expect.stringContaining("To consent by hand") as string });
    },
    3 * AT_ONCE_MS,
  );

  it("show their handshake, and can be validated by its URL", async () => {
    await run("subscription", "create", "by-hand", "--topic", "orders", "--endpoint", endpoints.of("plain"));
    const show = async (): Promise<Json> =>
      JSON.parse((await run("subscription", "show", "by-hand", "--topic", "orders")).output) as Json;
    const { handshake } = (await show()) as { handshake: { status: string; validationUrl: string } };
    expect(handshake.status).toBe("awaiting-manual-action");
    expect((await fetch(handshake.validationUrl)).status).toBe(200);
    expect(await show()).toMatchObject({ handshake: { status: "validated" } });
  });

  it("are waited for if requested, and refused after the last attempt", async () => {
    const create = ["subscription", "create", "waited", "--topic", "orders", "--endpoint", endpoints.of("missing")];
    const { code, errors } = await run(...create, "--wait");
    expect(code).toBe(1);
    expect(errors).toContain("Waiting until Ringmain asks the endpoint of 'waited' again");
    expect(errors).toContain("has not consented to events: POST http://127.0.0.1");
  });

  it(
    "are subscribed at once by @azure/arm-eventgrid, and changed",
    async () => {
      const client = armClient(ringmain.ready.http);
      for (const kind of KINDS) {
        const destination = { endpointType: "WebHook", endpointUrl: endpoints.of(kind) } as const;
        const created = await client.eventSubscriptions.beginCreateOrUpdateAndWait(TOPIC, `sdk-${kind}`, {
          destination,
        });
        expect(created.provisioningState).toBe("Succeeded");
        await client.eventSubscriptions.beginUpdateAndWait(TOPIC, `sdk-${kind}`, { labels: ["new"] });
        await client.eventSubscriptions.beginCreateOrUpdateAndWait(TOPIC, `sdk-${kind}`, { destination });
      }
    },
    AT_ONCE_MS,
  );

  it(
    "are deployed at once by a template, after validate and what-if",
    async () => {
      const resources = KINDS.map((kind) => ({
        type: "Microsoft.EventGrid/topics/eventSubscriptions",
        apiVersion: "2025-02-15",
        name: `orders/template-${kind}`,
        properties: { destination: hook(kind) },
      }));
      const path = `${GROUP}/providers/Microsoft.Resources/deployments/hooks`;
      const body = { properties: { mode: "Incremental", template: { resources }, parameters: {} } };
      expect((await call("POST", `${path}/validate`, body)).status).toBe(200);
      expect((await call("POST", `${path}/whatIf`, body)).status).toBe(200);
      const begun = await call("PUT", path, body);
      const poll = begun.headers.get("azure-asyncoperation") ?? "";
      const status = async (): Promise<unknown> =>
        ((await (await fetch(poll, { headers: { authorization: `Bearer ${TOKEN}` } })).json()) as Json)["status"];
      await expect.poll(status, { timeout: AT_ONCE_MS }).toBe("Succeeded");
    },
    2 * AT_ONCE_MS,
  );

  it.each(["config", "arm"])(
    "are imported at once from the server's own export: %s",
    async (format) => {
      const exported = await run("export", "--format", format, "--include-secrets");
      expect(exported.code).toBe(0);
      const file = join(folder, `exported-${format}.json`);
      await writeFile(file, exported.output);
      const { code, output, errors } = await run("import", file);
      expect({ code, output }).toEqual({ code: 0, output: expect.not.stringContaining("refused") as string });
      expect(errors).toContain("The endpoint of 'to-plain' has not consented to events");
      expect(await readFile(file, "utf8")).toContain("to-silent");
    },
    3 * AT_ONCE_MS,
  );

  it("are created at once when the configuration file is read again", async () => {
    const config = { topics: [{ name: "orders" }, { name: "reloaded", subscriptions: everyKind() }] };
    await writeFile(ringmain.configFile, JSON.stringify(config));
    await ringmain.line(({ event }) => event === "configuration_applied");
    const shown = await run("subscription", "list", "--topic", "reloaded");
    const states = shown.output
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { properties: Json }).properties);
    expect(states.map(({ provisioningState }) => provisioningState)).toEqual(KINDS.map(() => "Succeeded"));
  });

  it("are counted by the metrics and named in the log", async () => {
    const text = await (await fetch(`${ringmain.ready.http}/metrics`)).text();
    expect(text).toMatch(/^ringmain_handshakes\{status="awaiting-manual-action"\} [1-9]/m);
    expect(await ringmain.line(({ event }) => event === "handshake_awaits_consent")).toMatchObject({
      consequence: expect.stringContaining("It receives events anyway") as string,
    });
  });
});

describe("in production, the command line", () => {
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    ringmain = await runRingmain({
      config: { topics: [{ name: "orders" }], delivery: { allowedHosts: ["127.0.0.1"] }, adminKey: ADMIN_KEY },
      args: ["--memory", "--mode", "production"],
    });
  });

  afterAll(() => ringmain.stop());

  const create = (name: string, kind: string): string[] => {
    const line = `subscription create ${name} --topic orders --http ${ringmain.ready.http} --admin-key ${ADMIN_KEY}`;
    return [...line.split(" "), "--endpoint", endpoints.of(kind)];
  };

  it("prints the validation URL that it waits for, and exits when that is opened", async () => {
    const child = spawn(process.execPath, [cli, ...create("by-hand", "plain")], { cwd: folder });
    let [output, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const announced = new Promise<string>((found) => {
      child.stderr.on("data", (chunk: Buffer) => {
        errors += chunk.toString();
        const url = /A GET request to (http\S+\/validate\?id=\S+) consents/.exec(errors)?.[1];
        if (url !== undefined) found(url);
      });
    });
    const closed = once(child, "close");
    expect((await fetch(await announced)).status).toBe(200);
    expect(errors).toContain("Waiting up to ten minutes for the endpoint of 'by-hand' to consent to events.");
    expect(await closed).toEqual([0, null]);
    expect(JSON.parse(output)).toMatchObject({ outcome: "created", handshake: { status: "validated" } });
  });

  it("fails with the reason after the last attempt, and keeps the subscription", async () => {
    const { code, output, errors } = await runCommand(create("refused", "missing"), folder);
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ outcome: "created", properties: { provisioningState: "Failed" } });
    expect(errors).toContain("answered the validation event with 404.");
    expect(errors).toContain("It receives no events until it consents.");
  });

  it("imports subscriptions with a successful handshake, and refuses others without waiting for manual validation", async () => {
    const file = join(folder, "production.json");
    const subscriptions = [
      { name: "plain", destination: hook("plain") },
      { name: "missing", destination: hook("missing") },
    ];
    await writeFile(file, JSON.stringify({ topics: [{ name: "imported", subscriptions }] }));
    const args = ["import", file, "--http", ringmain.ready.http, "--admin-key", ADMIN_KEY];
    const { code, output, errors } = await runCommand(args, folder);
    expect(code).toBe(1);
    const printed = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; outcome: string });
    expect(printed.map(({ id, outcome }) => [id.replace(/^.*\//, ""), outcome])).toEqual([
      ["imported", "created"],
      ["plain", "created"],
      ["missing", "created"],
      ["missing", "refused"],
    ]);
    expect(errors).toContain("The endpoint of 'plain' has not consented to events");
    expect(errors).toContain("1 resource was refused.");
  });
});
