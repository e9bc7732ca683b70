import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { storageAccountId } from "../../src/core/resources/resource-id.ts";
import type { DeadLetterDescription } from "../../src/core/destinations/dead-letter.ts";
import type { DestinationDescription } from "../../src/core/destinations/index.ts";
import type { Subscriber } from "../../src/core/subscriber.ts";
import type { DestinationOptions } from "../../src/destinations/index.ts";
import { AZURITE_KEY } from "../support/servers/run-azurite.ts";
import { destinationContract, httpDestinationContract, type Opened, type OpenAt } from "./destination-contract.ts";
import { destinations, subscriberTo, webhookTo } from "./destination-fixtures.ts";
import { Peer } from "./destination-peer.ts";

const FUNCTION_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/shop/functions/Ship";

const webhookAt: OpenAt = (origin, webhookTimeoutMs) => {
  const factory = destinations({ webhookTimeoutMs });
  return { destinations: factory, destination: factory.open(webhookTo(`${origin}/hook?code=secret`)) };
};

const functionAt: OpenAt = (origin, webhookTimeoutMs) => {
  const factory = destinations({ webhookTimeoutMs, functionApp: () => ({ url: origin, code: "secret" }) });
  const subscription = subscriberTo({ endpointType: "AzureFunction", properties: { resourceId: FUNCTION_ID } });
  return { destinations: factory, destination: factory.open(subscription) };
};

function deadLetters(
  deadLetterDestination: DeadLetterDescription,
  options: NonNullable<Parameters<typeof destinations>[0]>,
): Opened {
  const factory = destinations(options);
  const destination = factory.openDeadLetter(webhookTo("http://127.0.0.1:9/", { deadLetterDestination }));
  if (destination === undefined) throw new Error("The subscription dead-letters.");
  return { destinations: factory, destination };
}

const blobsAt: OpenAt = (origin, webhookTimeoutMs) =>
  deadLetters(
    {
      endpointType: "StorageBlob",
      properties: { resourceId: storageAccountId("acme"), blobContainerName: "dead" },
    },
    { webhookTimeoutMs, storageAccount: () => ({ name: "acme", blobEndpoint: origin, key: AZURITE_KEY }) },
  );

const SCOPE = "/subscriptions/s/resourceGroups/g/providers";

/** Returns a resource of the configuration for any name. */
function resourceAt(
  destination: DestinationDescription,
  options: (origin: string) => Partial<DestinationOptions>,
  overrides: Partial<Subscriber> = {},
): OpenAt {
  return (origin, webhookTimeoutMs) => {
    const factory = destinations({ webhookTimeoutMs, ...options(origin) });
    return { destinations: factory, destination: factory.open(subscriberTo(destination, overrides)) };
  };
}

const queueAt = resourceAt(
  { endpointType: "StorageQueue", properties: { resourceId: storageAccountId("acme"), queueName: "orders" } },
  (origin) => ({
    storageAccount: () => ({ name: "acme", blobEndpoint: origin, queueEndpoint: origin, key: AZURITE_KEY }),
  }),
);

const relayAt = resourceAt(
  {
    endpointType: "HybridConnection",
    properties: { resourceId: `${SCOPE}/Microsoft.Relay/namespaces/shop/hybridConnections/tills` },
  },
  (origin) => ({
    connection: () =>
      `Endpoint=${origin.replace("http:", "sb:")};SharedAccessKeyName=n;SharedAccessKey=secret;UseDevelopmentEmulator=true`,
  }),
);

const namespaceTopicAt = resourceAt(
  {
    endpointType: "NamespaceTopic",
    properties: { resourceId: `${SCOPE}/Microsoft.EventGrid/namespaces/shop/topics/orders` },
  },
  (origin) => ({ connection: () => `Endpoint=${origin};SharedAccessKey=secret` }),
  { eventDeliverySchema: "CloudEventSchemaV1_0" },
);

const partnerAt = resourceAt(
  {
    endpointType: "PartnerDestination",
    properties: { resourceId: `${SCOPE}/Microsoft.EventGrid/partnerDestinations/acme` },
  },
  (origin) => ({ partnerDestination: () => ({ endpointUrl: origin, activationState: "Activated" }) }),
);

let peer: Peer;
let folder: string;
beforeAll(async () => {
  peer = await Peer.start((response, { method, url }) =>
    response.writeHead(method === "PUT" || url.includes("messages") ? 201 : 200).end(),
  );
  folder = mkdtempSync(join(tmpdir(), "ringmain-contract-"));
  writeFileSync(join(folder, "file"), "");
});
afterAll(async () => {
  await peer.stop();
  rmSync(folder, { recursive: true });
});

for (const [name, openAt, success] of [
  ["webhook", webhookAt, 200],
  ["Azure function", functionAt, 202],
  ["dead letters in blobs", blobsAt, 201],
  ["queue", queueAt, 201],
  ["hybrid connection", relayAt, 201],
  ["namespace topic", namespaceTopicAt, 200],
  ["partner destination", partnerAt, 202],
] as const) {
  const open = (): Opened => openAt(peer.origin, 30_000);
  destinationContract(name, open, () => openAt("no-url", 30_000));
  httpDestinationContract(name, openAt, success);
}

const folderAt = (path: string): Opened => deadLetters({ endpointType: "Folder", properties: { path } }, { folder });
destinationContract(
  "dead letters in a folder",
  () => folderAt("dead"),
  () => folderAt("file"),
);

const fileAt = (path: string): Opened => {
  const factory = destinations({ folder });
  return {
    destinations: factory,
    destination: factory.open(subscriberTo({ endpointType: "File", properties: { path } })),
  };
};
destinationContract(
  "file",
  () => fileAt("events.jsonl"),
  () => fileAt("file/below"),
);

const alertsAt = (alertsFile: string): Opened => {
  const factory = destinations({ alertsFile: join(folder, alertsFile) });
  const subscription = subscriberTo({ endpointType: "MonitorAlert", properties: { severity: "Sev1" } });
  return { destinations: factory, destination: factory.open(subscription) };
};
destinationContract(
  "alert",
  () => alertsAt("alerts.jsonl"),
  () => alertsAt("file/below"),
);

/** Opens a stream with a number of readers. */
const streamAt = (readers: number): Opened => {
  const factory = destinations({ webhookTimeoutMs: 30 });
  const subscription = subscriberTo({ endpointType: "Stream", properties: {} });
  for (let reader = 0; reader < readers; reader += 1) {
    const client = {
      bufferedBytes: 0,
      write: (_text: string, written: (ok: boolean) => void) => written(true),
      end: () => {},
    };
    factory.streams.connect(subscription.uid, client, undefined);
  }
  return { destinations: factory, destination: factory.open(subscription) };
};
destinationContract(
  "stream",
  () => streamAt(1),
  () => streamAt(0),
);
