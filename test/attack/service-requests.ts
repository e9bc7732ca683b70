import {
  AccountSASPermissions,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import { AZURITE_ACCOUNT, AZURITE_KEY } from "../support/servers/run-azurite.ts";
import type { RawRequest } from "./http-client.ts";
import { hostileBody, hostileJson, hostileText, hostileVersion } from "./hostile-values.ts";
import { encode, headerText, hostileHeaders, hostilePath, hostileQuery, type MakeRequest } from "./requests.ts";

const event = {
  id: "1",
  topic: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/devstoreaccount1",
  subject: "/blobServices/default/containers/inbox/blobs/a.txt",
  eventType: "Microsoft.Storage.BlobCreated",
  eventTime: "2026-01-01T00:00:00Z",
  dataVersion: "",
  metadataVersion: "1",
  data: { api: "PutBlob", url: "http://127.0.0.1:9/inbox/a.txt", blobType: "BlockBlob", contentLength: 1 },
};
const FUNCTION_PATHS: readonly string[] = [
  "/api/echo",
  "/api/items/1",
  "/api/files/a/b",
  "/api/guarded",
  "/",
  "/admin/host/status",
];
const FUNCTION_NAMES: readonly string[] = ["event", "Host.Functions.blob", "blob", "none"];

/** Returns a generator of requests to the host of a function app: its webhooks and its HTTP functions. */
export function functionRequests(port: number): MakeRequest {
  return (random) => {
    const webhook = random.next() < 0.5;
    const extension = random.pick(["EventGrid", "blobs", "eventgrid", "durabletask"]);
    const path = webhook ? `/runtime/webhooks/${extension}` : random.pick(FUNCTION_PATHS);
    const query = { functionName: random.next() < 0.9 ? random.pick(FUNCTION_NAMES) : hostileText(random), code: "x" };
    const text = random.next() < 0.8 ? hostileVersion(random, [event]) : hostileJson(random);
    const { bytes, headers } = hostileBody(random, text, "application/json");
    const method = random.pick(["POST", "POST", "POST", "GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]);
    return {
      port,
      tls: false,
      method,
      target: hostilePath(random, path) + hostileQuery(random, webhook ? query : { code: "x", name: "y" }),
      headers: hostileHeaders(random, [
        ["host", `127.0.0.1:${port}`],
        ["aeg-event-type", random.pick(["Notification", "SubscriptionValidation", "Unsubscribe"])],
        ...Object.entries(headers),
      ]),
      body: method === "GET" || method === "HEAD" ? Buffer.alloc(0) : bytes,
    };
  };
}

const COMPONENTS: readonly string[] = [
  "list",
  "metadata",
  "properties",
  "lease",
  "block",
  "blocklist",
  "page",
  "appendblock",
  "tier",
  "copy",
  "batch",
  "snapshot",
  "tags",
  "undelete",
  "acl",
  "query",
];
const STORAGE_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["x-ms-blob-type", "BlockBlob"],
  ["x-ms-blob-type", "PageBlob"],
  ["x-ms-blob-content-length", "512"],
  ["x-ms-copy-source", "http://127.0.0.1:9/devstoreaccount1/inbox/a.txt"],
  ["x-ms-access-tier", "Cool"],
  ["x-ms-delete-snapshots", "include"],
  ["x-ms-lease-action", "acquire"],
  ["x-ms-meta-a", "b"],
];
const BLOCK_LIST = "<?xml version='1.0'?><BlockList><Latest>AAAA</Latest></BlockList>";

/** Returns a generator of requests to a storage account, most of them with its signature. */
export function storageRequests(port: number): MakeRequest {
  const signature = accountSignature();
  return (random) => {
    const names = ["inbox", random.next() < 0.8 ? `${random.below(20)}.txt` : hostileText(random)];
    const path = ["", AZURITE_ACCOUNT, ...names.slice(0, random.below(3))]
      .map((name) => encode(random, name))
      .join("/");
    const component = random.next() < 0.6 ? `&comp=${random.pick(COMPONENTS)}` : "";
    const container = random.next() < 0.2 ? "&restype=container" : "";
    if (random.next() < 0.05)
      return { ...putContainer(port), target: `/${AZURITE_ACCOUNT}/inbox?restype=container&${signature}` };
    const further =
      random.next() < 0.2 ? `&${encode(random, hostileText(random))}=${encode(random, hostileText(random))}` : "";
    const method = random.pick(["PUT", "PUT", "GET", "HEAD", "DELETE", "POST", "OPTIONS", "PATCH"]);
    return {
      port,
      tls: false,
      method,
      target: `${hostilePath(random, path)}?${random.next() < 0.9 ? signature : "sig=x"}${component}${container}${further}`,
      headers: hostileHeaders(random, [
        ["host", `127.0.0.1:${port}`],
        ["x-ms-version", random.next() < 0.9 ? "2024-11-04" : headerText(random)],
        ["x-ms-date", "Thu, 01 Jan 2026 00:00:00 GMT"],
        ...Array.from({ length: random.below(4) }, () => storageHeader(random)),
      ]),
      body: method === "GET" || method === "HEAD" ? Buffer.alloc(0) : storageBody(random),
    };
  };
}

function putContainer(port: number): Omit<RawRequest, "target"> {
  const headers = [
    ["host", `127.0.0.1:${port}`],
    ["x-ms-version", "2024-11-04"],
  ] as const;
  return { port, tls: false, method: "PUT", headers, body: Buffer.alloc(0) };
}

function storageHeader(random: SeededRandom): readonly [string, string] {
  const [name, value] = random.pick(STORAGE_HEADERS);
  return [name, random.next() < 0.85 ? value : headerText(random)];
}

function storageBody(random: SeededRandom): Buffer {
  const kind = random.next();
  if (kind < 0.4) return Buffer.from("some bytes");
  if (kind < 0.6) return Buffer.from(BLOCK_LIST.slice(0, random.next() < 0.7 ? undefined : random.below(60)));
  if (kind < 0.7)
    return Buffer.from("--batch\r\nContent-Type: application/http\r\n\r\nDELETE /inbox/a HTTP/1.1\r\n\r\n");
  return kind < 0.9 ? Buffer.alloc(0) : Buffer.from(hostileJson(random));
}

function accountSignature(): string {
  const credential = new StorageSharedKeyCredential(AZURITE_ACCOUNT, AZURITE_KEY);
  const permissions = AccountSASPermissions.parse("rwdlacup");
  const expiresOn = new Date("2099-01-01T00:00:00Z");
  return generateAccountSASQueryParameters(
    { permissions, expiresOn, resourceTypes: "sco", services: "b" },
    credential,
  ).toString();
}
