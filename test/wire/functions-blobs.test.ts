import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AZURITE_ACCOUNT, AZURITE_KEY, runAzurite, type RunningAzurite } from "../support/servers/run-azurite.ts";
import {
  functionApp,
  runFunctionsHost,
  type HostLine,
  type RunningFunctionsHost,
} from "../support/servers/run-functions-host.ts";

let azurite: RunningAzurite;
let host: RunningFunctionsHost;
let images: ReturnType<BlobServiceClient["getContainerClient"]>;

beforeAll(async () => {
  azurite = await runAzurite();
  const endpoint = `${azurite.blob}/${AZURITE_ACCOUNT}`;
  const connection = `DefaultEndpointsProtocol=http;AccountName=${AZURITE_ACCOUNT};AccountKey=${AZURITE_KEY};BlobEndpoint=${endpoint};`;
  images = BlobServiceClient.fromConnectionString(connection).getContainerClient("images");
  await images.create();
  host = await runFunctionsHost({ appFolder: functionApp("esm") }, { AzureWebJobsStorage: connection });
});

afterAll(async () => {
  await host.stop();
  await azurite.stop();
});

function notify(functionName: string, urls: readonly unknown[]): Promise<Response> {
  return fetch(`${host.url}/runtime/webhooks/blobs?functionName=${functionName}`, {
    method: "POST",
    headers: { "aeg-event-type": "Notification" },
    body: JSON.stringify(urls.map((url) => ({ id: "1", data: { url, eTag: "0x1", blobType: "BlockBlob" } }))),
  });
}

const inProduction = (name: string): string => `https://devstoreaccount1.blob.core.windows.net/images/${name}`;

async function seen(blob: string): Promise<Record<string, unknown>> {
  const line = await host.until(({ event, message }) => event === "function_log" && message?.includes(blob) === true);
  return JSON.parse(line.message ?? "") as Record<string, unknown>;
}

const about =
  (event: string, blob: string) =>
  (line: HostLine): boolean =>
    line.event === event && line["blob"] === blob;

describe("the blob webhook", () => {
  it("is reported with the URLs of blob functions", () => {
    expect(host.functions).toContainEqual({
      name: "seen",
      trigger: "storageBlob",
      eventGridUrl: `${host.url}/runtime/webhooks/blobs?functionName=Host.Functions.seen`,
    });
  });

  it("returns 202 and passes the blob to the function, with the names from its path [EG-FUNC-BLOBS] [EG-FUNC-BLOB-METADATA]", async () => {
    const options = { blobHTTPHeaders: { blobContentType: "text/plain" }, metadata: { owner: "me" } };
    await images.getBlockBlobClient("a/b/cat 1.txt").upload("meow", 4, options);
    const answer = await notify("Host.Functions.seen", [inProduction("a/b/cat%201.txt")]);
    expect([answer.status, await answer.text()]).toEqual([202, ""]);
    expect(await seen("cat 1")).toMatchObject({
      bytes: 4,
      text: "meow",
      blobTrigger: "images/a/b/cat 1.txt",
      uri: images.getBlobClient("a/b/cat 1.txt").url,
      folder: "a/b",
      name: "cat 1",
      ext: "txt",
      properties: { contentLength: 4, contentType: "text/plain", blobType: "BlockBlob" },
      metadata: { owner: "me" },
    });
  });

  it("invokes the function for a blob outside its path, too, without names from the path [EG-FUNC-BLOB-METADATA]", async () => {
    await images.getBlockBlobClient("plain").upload("", 0);
    await notify("Host.Functions.seen", [inProduction("plain")]);
    const got = await seen("images/plain");
    expect(got).toMatchObject({ bytes: 0, blobTrigger: "images/plain" });
    expect(got).not.toHaveProperty("name");
  });

  it("finds the blob by an emulator's form of URL, too [EG-FUNC-BLOB-URL]", async () => {
    const client = images.getBlockBlobClient("f/emulated.txt");
    await client.upload("here", 4);
    expect((await notify("Host.Functions.seen", [client.url])).status).toBe(202);
    expect(await seen("emulated")).toMatchObject({ text: "here" });
  });

  it("tries five times, then gives the blob up as poison [EG-FUNC-BLOB-TRIES]", async () => {
    await images.getBlockBlobClient("f/bad.txt").upload("poison", 6);
    expect((await notify("Host.Functions.seen", [inProduction("f/bad.txt")])).status).toBe(202);
    const poison = await host.until(about("blob_poison", "f/bad.txt"));
    expect(poison).toMatchObject({ container: "images", function: "Host.Functions.seen", tries: 5 });
    const failures = host.lines.filter(about("blob_try_failed", "f/bad.txt"));
    expect(failures.map((line) => [line["try"], line["error"]])).toEqual(
      [1, 2, 3, 4, 5].map((number) => [number, "it is poison"]),
    );
  });

  it("ignores a deleted blob [EG-FUNC-BLOB-GONE]", async () => {
    expect((await notify("Host.Functions.seen", [inProduction("f/gone.txt")])).status).toBe(202);
    const line = await host.until(about("blob_ignored", "f/gone.txt"));
    expect(line["reason"]).toContain("does not exist");
  });

  it.each(["Host.Functions.nobody", "seen", "Host.Functions.record"])(
    "returns 202 for %s, which is not a blob function, and ignores the blob [EG-FUNC-BLOB-UNKNOWN]",
    async (name) => {
      const blob = `f/for-${name}.txt`;
      expect((await notify(name, [inProduction(blob)])).status).toBe(202);
      const line = await host.until(about("blob_ignored", blob));
      expect(line["reason"]).toContain("no blob function");
    },
  );

  it("runs a function without source EventGrid for delivered events [EG-FUNC-BLOB-SOURCE]", async () => {
    await images.getBlockBlobClient("f/delivered.txt").upload("x", 1);
    await notify("Host.Functions.polled", [inProduction("f/delivered.txt")]);
    await host.until(({ event, function: name }) => event === "function_succeeded" && name === "polled");
  });

  it("responds to handshakes [EG-FUNC-VALIDATION]", async () => {
    const answer = await fetch(`${host.url}/runtime/webhooks/Blobs?functionName=Host.Functions.seen`, {
      method: "POST",
      headers: { "aeg-event-type": "SubscriptionValidation" },
      body: JSON.stringify([{ data: { validationCode: "C0DE" } }]),
    });
    expect(await answer.text()).toBe('{"validationResponse":"C0DE"}');
  });

  it.each([[undefined], [7], [""], ["garbage"], ["https://host/"], ["http://127.0.0.1/account"], ["https://host/c/%"]])(
    "returns 400 to an event with the url %j [EG-FUNC-GARBAGE]",
    async (url) => {
      expect((await notify("Host.Functions.seen", [url])).status).toBe(400);
    },
  );
});
