import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { AzureKeyCredential, EventGridPublisherClient } from "@azure/eventgrid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import {
  cli,
  removeFolders,
  runRingmain,
  temporaryFolder,
  type RunningRingmain,
} from "../support/servers/run-ringmain.ts";

const run = promisify(execFile);
const key1 = Buffer.from("a key for the tests of HTTPS!!!!").toString("base64");
const script = (name: string): string => new URL(name, import.meta.url).pathname;

describe("HTTPS and Entra's clients, unmodified", () => {
  let receiver: Receiver;
  let ringmain: RunningRingmain;
  let tls: Record<string, string>;
  let trust: { readonly authority: string; readonly bundle: string };
  let https: string;
  const endpoint = (topic: string): string => `${https}/topics/${topic}/api/events`;

  beforeAll(async () => {
    receiver = await Receiver.start();
    const subscriptions = [
      { name: "all", destination: { endpointType: "WebHook", properties: { endpointUrl: receiver.url } } },
    ];
    tls = { RINGMAIN_TLS_FOLDER: join(await temporaryFolder(), "tls") };
    ringmain = await runRingmain({
      env: tls,
      config: {
        topics: [
          { name: "orders", key1, port: 0, subscriptions },
          { name: "tokens", disableLocalAuth: true, subscriptions },
          { name: "closed", publicNetworkAccess: "Disabled", subscriptions },
        ],
        clients: [{ clientId: "known", clientSecret: "the secret", objectId: "known-principal" }],
      },
    });
    const { stdout } = await run(process.execPath, [cli, "certs", "--json"], { env: { ...process.env, ...tls } });
    trust = JSON.parse(stdout) as typeof trust;
    https = ringmain.ready.https.replace("127.0.0.1", "localhost");
  });

  afterAll(async () => {
    expect(await ringmain.stop()).toBe(0);
    await receiver.stop();
    await removeFolders();
  });

  const arrived = async (id: string): Promise<void> =>
    receiver.until(() => receiver.events.some((event) => event["id"] === id));

  interface Sent {
    readonly sent?: string;
    readonly name?: string;
    readonly status?: number;
    readonly message?: string;
  }

  async function publish(topic: string, kind: string, environment: Record<string, string> = {}): Promise<Sent> {
    const env = { PATH: process.env["PATH"] ?? "", NODE_EXTRA_CA_CERTS: trust.authority, ...environment };
    const args = [script("node/publish-by-identity.mjs"), endpoint(topic), https, kind, `id-${topic}-${kind}`];
    const { stdout } = await run(process.execPath, args, { env });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as Sent;
  }

  it("accepts a key over HTTPS and HTTP on one port, without warnings about insecure connections", async () => {
    const credential = new AzureKeyCredential(key1);
    const event = (id: string) => [{ id, eventType: "t", subject: "s", dataVersion: "1", data: {} }];
    const tlsOptions = { ca: readFileSync(trust.authority, "utf8") };
    await new EventGridPublisherClient(endpoint("orders"), "EventGrid", credential, { tlsOptions }).send(
      event("https"),
    );
    const plain = endpoint("orders").replace("https:", "http:");
    const insecure = { allowInsecureConnection: true };
    await new EventGridPublisherClient(plain, "EventGrid", credential, insecure).send(event("http"));
    const own = ringmain.ready.topics.find(({ name }) => name === "orders")?.endpoint ?? "";
    expect(own).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/events$/);
    await new EventGridPublisherClient(own, "EventGrid", credential, insecure).send(event("own-port"));
    await Promise.all([arrived("https"), arrived("http"), arrived("own-port")]);
  });

  it.each([["adfs"], ["tenant"]])(
    "@azure/identity: a client with a secret, authority in the form '%s'",
    async (kind) => {
      expect(await publish("tokens", kind)).toEqual({ sent: `id-tokens-${kind}` });
      await arrived(`id-tokens-${kind}`);
    },
  );

  it("@azure/identity: DefaultAzureCredential from the environment", async () => {
    const sent = await publish("tokens", "environment", {
      AZURE_TENANT_ID: "adfs",
      AZURE_CLIENT_ID: "x",
      AZURE_CLIENT_SECRET: "y",
      AZURE_AUTHORITY_HOST: https,
    });
    expect(sent).toEqual({ sent: "id-tokens-environment" });
  });

  it.each([
    ["App Service", { IDENTITY_ENDPOINT: "/msi/token", IDENTITY_HEADER: "x" }],
    ["a virtual machine", { AZURE_POD_IDENTITY_AUTHORITY_HOST: "" }],
  ])("@azure/identity: a managed identity of %s", async (_where, paths) => {
    const environment = Object.entries(paths).map(([name, path]) => {
      return [name, name === "IDENTITY_HEADER" ? path : `${ringmain.ready.http}${path}`] as const;
    });
    expect(await publish("tokens", "managed", Object.fromEntries(environment))).toEqual({ sent: "id-tokens-managed" });
  });

  it("refuses a registered application with a wrong secret, and one without a role", async () => {
    const wrong = await publish("tokens", "wrongSecret");
    expect(wrong.name).toMatch(/^Authentication/);
    expect(wrong.message).toContain("AADSTS7000215");
    const known = await publish("tokens", "known");
    expect(known).toMatchObject({ status: 401 });
    expect(known.message).toContain("does not have permission to send data to /subscriptions/");
  });

  it("[EG-INBOUND-RULES] refuses all publishers at a closed topic", async () => {
    expect(await publish("closed", "adfs")).toMatchObject({ name: "RestError", status: 403 });
  });

  it.runIf(process.env["RINGMAIN_TEST_PYTHON"] === "1")("Python: azure.identity and azure.eventgrid", async () => {
    const args = [script("python/publish_by_identity.py"), endpoint("tokens"), https];
    const env = { PATH: process.env["PATH"] ?? "", REQUESTS_CA_BUNDLE: trust.bundle };
    const { stdout } = await run("/usr/bin/python3", args, { env });
    expect(JSON.parse(stdout)).toEqual({ sent: ["py-adfs", "py-tenant"], wrongSecret: true });
    await Promise.all([arrived("py-adfs"), arrived("py-tenant")]);
  });
});
