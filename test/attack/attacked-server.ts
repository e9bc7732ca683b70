import { Receiver } from "../support/servers/receiver.ts";
import { AZURITE_ACCOUNT } from "../support/servers/run-azurite.ts";
import { functionApp } from "../support/servers/run-functions-host.ts";
import { runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import type { Listener } from "./broken-connections.ts";
import { managementRoutes, type ManagementTarget } from "./management-requests.ts";
import type { PublishTarget } from "./publishes.ts";

/** Time in addition to the limit for a request. */
const GRACE_MS = 2_000;
/** Time in which a request must arrive. */
const REQUEST_TIMEOUT_MS = 2_000;
const STREAM_TOKEN = "a-token-of-the-streams-own";
const ADMIN_KEY = "a-key-for-who-manages-the-attacked-server";
const key1 = Buffer.from("a key for hostile publishers").toString("base64");
/** The topic that a good publisher uses during the attack. */
const NEIGHBOR = "neighbor";

/** A running Ringmain with one of each kind of listener. */
export interface AttackedServer {
  readonly ringmain: RunningRingmain;
  readonly receiver: Receiver;
  readonly neighbor: PublishTarget;
  readonly publishTargets: readonly PublishTarget[];
  readonly management: ManagementTarget;
  readonly functionsPort: number;
  readonly storagePort: number;
  /** All ports of all processes, with and without TLS if they have both. */
  readonly listeners: readonly Listener[];
  /** Closes the connection of the stream's reader. */
  readonly stopReading: () => void;
  /** Ports of Ringmain's own process. */
  readonly ownPorts: ReadonlySet<number>;
}

export async function startAttackedServer(mode: "dev" | "production"): Promise<AttackedServer> {
  const receiver = await Receiver.start();
  receiver.answer = () => 200;
  const ringmain = await runRingmain({ config: configuration(mode, receiver.url) });
  const { ready } = ringmain;
  const storagePort = portOf(ready.storageAccounts[0]?.blobEndpoint);
  const port = portOf(ready.http);
  const endpoints = [...ready.topics, ...ready.domains, ...ready.partnerNamespaces];
  const targetNamed = (name: string): PublishTarget => {
    const endpoint = endpoints.find((each) => each.name === name)?.endpoint ?? "";
    return { endpoint, key: key1, schema: SCHEMAS[name] ?? "EventGridSchema" };
  };
  const publishTargets = endpoints.map(({ name }) => name).filter((name) => name !== NEIGHBOR);
  const reading = new AbortController();
  await readStream(`${ready.http}/ringmain/streams/tail?access_token=${STREAM_TOKEN}`, reading.signal);
  const authorization = `Bearer ${ADMIN_KEY}`;
  return {
    ringmain,
    receiver,
    neighbor: targetNamed(NEIGHBOR),
    publishTargets: publishTargets.map(targetNamed),
    management: { port, authorization, routes: await managementRoutes(await issuerInstance(ready.http)) },
    functionsPort: portOf(ready.functionApps[0]?.url),
    storagePort,
    listeners: listenersOf(ready, storagePort),
    stopReading: () => reading.abort(),
    ownPorts: new Set([
      ...endpoints.map(({ endpoint }) => portOf(endpoint)),
      ...ready.storageAccounts.map(({ blobEndpoint }) => portOf(blobEndpoint)),
    ]),
  };
}

/** Reads a stream of events to its end, so that its events are delivered. */
async function readStream(url: string, signal: AbortSignal): Promise<void> {
  const { body } = await fetch(url, { signal });
  // Rejects at the end, or when the server stops.
  body?.pipeTo(new WritableStream()).catch(() => {});
}

/** Returns the GUID of the server's token issuer. */
async function issuerInstance(origin: string): Promise<string> {
  const response = await fetch(`${origin}/common/.well-known/openid-configuration`);
  const { issuer } = (await response.json()) as { issuer: string };
  return new URL(issuer).pathname.split("/")[1] ?? "";
}

function portOf(address = ""): number {
  return Number(new URL(address).port);
}

const SCHEMAS: Readonly<Record<string, PublishTarget["schema"]>> = {
  clouds: "CloudEventSchemaV1_0",
  custom: "CustomEventSchema",
  contoso: "CloudEventSchemaV1_0",
};

function configuration(mode: "dev" | "production", endpointUrl: string): object {
  const webhook = { endpointType: "WebHook", properties: { endpointUrl } };
  const filter = {
    enableAdvancedFilteringOnArrays: true,
    advancedFilters: [
      { operatorType: "NumberIn", key: "data.amount", values: [5, 1e300] },
      { operatorType: "StringContains", key: "data.customer.name", values: ["é"] },
      { operatorType: "IsNotNull", key: "data.__proto__.x" },
    ],
  };
  return {
    mode,
    adminKey: ADMIN_KEY,
    server: { requestTimeoutSeconds: REQUEST_TIMEOUT_MS / 1_000 },
    delivery: { timeoutSeconds: 5, allowedHosts: ["127.0.0.1"], maxProbationSeconds: 0 },
    topics: [
      { name: NEIGHBOR, key1, subscriptions: [{ name: "delivered", destination: webhook }] },
      {
        name: "orders",
        key1,
        subscriptions: [
          { name: "filtered", destination: webhook, filter },
          { name: "tail", destination: { endpointType: "Stream", properties: { accessToken: STREAM_TOKEN } } },
        ],
      },
      { name: "own-port", key1, port: 0 },
      { name: "clouds", key1, inputSchema: SCHEMAS["clouds"] },
      {
        name: "custom",
        key1,
        inputSchema: SCHEMAS["custom"],
        inputSchemaMapping: {
          inputSchemaMappingType: "Json",
          properties: {
            id: { sourceField: "customId" },
            eventType: { sourceField: "kind" },
            subject: { sourceField: "about" },
          },
        },
      },
    ],
    domains: [{ name: "market", key1, topics: [{ name: "europe", subscriptions: [] }] }],
    partnerNamespaces: [{ name: "contoso", key1, channels: [{ name: "news", source: "/contoso" }] }],
    functionApps: [{ name: "app", path: functionApp("attacked") }],
    clients: [{ clientId: "11111111-1111-1111-1111-111111111111", clientSecret: "s", roles: [] }],
    azurite: true,
    storageAccounts: [{ name: AZURITE_ACCOUNT, blobPort: 0, subscriptions: [{ name: "blobs", destination: webhook }] }],
  };
}

/** Returns all addresses in the report, so that listeners added later are attacked, too. */
function listenersOf(ready: RunningRingmain["ready"], storagePort: number): Listener[] {
  const addresses =
    JSON.stringify({ ...ready, storageAccounts: ready.storageAccounts.map(({ blobEndpoint }) => blobEndpoint) }).match(
      /https?:\/\/127\.0\.0\.1:\d+[^";]*/g,
    ) ?? [];
  const byOrigin = new Map(addresses.map((address) => [originOf(address), new URL(address)] as const));
  return Array.from(byOrigin.values(), ({ port, protocol, pathname }) => ({
    port: Number(port),
    tls: protocol === "https:",
    target: pathname === "/" ? "/topics/orders/api/events" : pathname,
    // The storage proxy streams large bodies. Its limit of several minutes applies to pauses.
    closesWithinMs: Number(port) === storagePort ? undefined : REQUEST_TIMEOUT_MS + GRACE_MS,
  }));
}

function originOf(address: string): string {
  return new URL(address).origin;
}
