import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { storageAccountId } from "../../src/core/resource-id.ts";
import type { DeadLetterDescription } from "../../src/core/resources.ts";
import { AZURITE_KEY } from "../support/run-azurite.ts";
import { destinationContract, httpDestinationContract, type Opened, type OpenAt } from "./destination-contract.ts";
import { destinations, subscriptionTo, webhookTo } from "./destination-fixtures.ts";
import { Peer } from "./destination-peer.ts";

const FUNCTION_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/shop/functions/Ship";

const webhookAt: OpenAt = (origin, webhookTimeoutMs) => {
  const factory = destinations({ webhookTimeoutMs });
  return { destinations: factory, destination: factory.open(webhookTo(`${origin}/hook?code=secret`)) };
};

const functionAt: OpenAt = (origin, webhookTimeoutMs) => {
  const factory = destinations({ webhookTimeoutMs, functionApp: () => ({ url: origin, code: "secret" }) });
  const subscription = subscriptionTo({ endpointType: "AzureFunction", properties: { resourceId: FUNCTION_ID } });
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
    { webhookTimeoutMs, storageAccount: () => ({ blobEndpoint: origin, key: AZURITE_KEY }) },
  );

let peer: Peer;
let folder: string;
beforeAll(async () => {
  peer = await Peer.start((response, { method }) => response.writeHead(method === "PUT" ? 201 : 200).end());
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
] as const) {
  const open = (): Opened => openAt(peer.origin, 30_000);
  destinationContract(name, open, () => openAt("no-url", 30_000));
  httpDestinationContract(name, openAt, success);
}

const folderAt = (path: string): Opened =>
  deadLetters({ endpointType: "Folder", properties: { path } }, { deadLetterFolder: folder });
destinationContract(
  "dead letters in a folder",
  () => folderAt("dead"),
  () => folderAt("file"),
);
