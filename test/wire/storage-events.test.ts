import { Readable } from "node:stream";
import {
  AnonymousCredential,
  BlobSASPermissions,
  type ContainerClient,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  AccountSASPermissions,
  BlockBlobClient,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fastForward } from "../../src/testing/manual-clock.ts";
import { AZURITE_ACCOUNT, AZURITE_KEY } from "../support/servers/run-azurite.ts";
import { blobClient, cryptoRandom, rawCall, stable, startStorage, type StorageHarness } from "./storage-harness.ts";

const PATH = `/${AZURITE_ACCOUNT}`;
const credential = new StorageSharedKeyCredential(AZURITE_ACCOUNT, AZURITE_KEY);
const blockId = (index: number): string => Buffer.from(String(index).padStart(6, "0")).toString("base64");

describe("storage source in front of real Azurite", () => {
  let storage: StorageHarness;
  let container: ContainerClient;

  beforeAll(async () => {
    storage = await startStorage();
  });
  afterAll(() => storage.stop());
  beforeEach(async () => {
    const created = await storage.client.createContainer(`c${cryptoRandom.uuid()}`);
    container = created.containerClient;
    expect(storage.sink.takeNames()).toEqual([]);
  });

  const put = async (name: string, content = "x"): Promise<BlockBlobClient> => {
    const blob = container.getBlockBlobClient(name);
    await blob.upload(content, content.length);
    return blob;
  };
  const expectNames = (...names: string[]): void => {
    expect(storage.sink.takeNames().map((name) => name.replace(container.containerName, "c"))).toEqual(names);
  };

  it("[EG-STORAGE-EVENT] [EG-STORAGE-DATA] [EG-STORAGE-ID] [EG-STORAGE-ETAG] [EG-STORAGE-URL] raises BlobCreated for a put", async () => {
    const blob = container.getBlockBlobClient("folder/a + b 100% é:1.png");
    const headers = { blobContentType: "image/png" };
    const answer = await blob.upload("0123456789", 10, { blobHTTPHeaders: headers, tier: "Cool" });
    const event = storage.sink.takeOne();
    expect(event).toMatchObject({
      eventType: "Microsoft.Storage.BlobCreated",
      subject: `/blobServices/default/containers/${container.containerName}/blobs/folder/a + b 100% é:1.png`,
      dataVersion: "",
      eventTime: storage.clock.now(),
    });
    expect(event.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(event.id.slice(0, -6)).toBe(answer.requestId?.slice(0, -6));
    expect(event.id).not.toBe(answer.requestId);
    expect(event.data).toEqual({
      api: "PutBlob",
      clientRequestId: answer.clientRequestId,
      requestId: answer.requestId,
      eTag: answer.etag?.replaceAll('"', ""),
      contentType: "image/png",
      contentLength: 10,
      blobType: "BlockBlob",
      accessTier: "Cool",
      url: `https://devstoreaccount1.blob.core.windows.net/${container.containerName}/folder/a%20%2B%20b%20100%25%20%C3%A9:1.png`,
      sequencer: expect.stringMatching(/^[0-9a-f]{48}$/),
      storageDiagnostics: { batchId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });

  it.each(["with space", "with+plus", "100%", "é", "a/b/c", "%41", "q?x", "h#x", "semi;colon", "日本"])(
    "[EG-STORAGE-EVENT] has the decoded name %s in the subject and can be deleted",
    async (name) => {
      const blob = await put(name);
      await blob.delete();
      expectNames(`BlobCreated PutBlob c/${name}`, `BlobDeleted DeleteBlob c/${name}`);
    },
  );

  it("[EG-STORAGE-DATA] contains the service's defaults for values that a put leaves out", async () => {
    const path = `${PATH}/${container.containerName}/plain`;
    await rawCall(storage.port, "PUT", path, { "x-ms-blob-type": "BlockBlob" }, "abc");
    const { data } = storage.sink.takeOne();
    expect(stable(data)).toMatchObject({
      contentType: "application/octet-stream",
      contentLength: 3,
      accessTier: "Default",
    });
    expect(data).not.toHaveProperty("clientRequestId");
  });

  it("[EG-STORAGE-CALLS] raises one event for each overwrite, with increasing sequencers", async () => {
    const blob = await put("twice");
    const one = storage.sink.takeOne();
    await blob.upload("y", 1);
    const other = storage.sink.takeOne();
    expect([other, one].map(({ data }) => data["sequencer"] as string).toSorted()[0]).toBe(one.data["sequencer"]);
    expect(other.data["sequencer"]).not.toBe(one.data["sequencer"]);
    expect(other.data["eTag"]).not.toBe(one.data["eTag"]);
  });

  it("[EG-STORAGE-FACTS] raises BlobCreated when blocks are committed, with the properties that the commit does not contain", async () => {
    const blob = container.getBlockBlobClient("blocks.bin");
    await blob.stageBlock(blockId(0), "12345", 5);
    await blob.stageBlock(blockId(1), "678", 3);
    expectNames();
    const answer = await blob.commitBlockList([blockId(0), blockId(1)], {
      blobHTTPHeaders: { blobContentType: "text/csv" },
    });
    const { data } = storage.sink.takeOne();
    expect(data["eTag"]).toBe(answer.etag?.replaceAll('"', ""));
    expect(stable(data)).toMatchObject({
      api: "PutBlockList",
      contentType: "text/csv",
      contentLength: 8,
      blobType: "BlockBlob",
      accessTier: "Default",
    });
  });

  it("[EG-STORAGE-CALLS] raises BlobCreated for copies, asynchronous and synchronous", async () => {
    const source = container.getBlockBlobClient("source.txt");
    await source.upload("hello", 5, { blobHTTPHeaders: { blobContentType: "text/plain" } });
    storage.sink.take();
    const sas = await source.generateSasUrl({
      permissions: BlobSASPermissions.parse("r"),
      expiresOn: new Date(Date.now() + 3_600_000),
    });
    const begun = await container.getBlobClient("copied").beginCopyFromURL(source.url);
    await begun.pollUntilDone();
    const copied = storage.sink.takeOne();
    expect(stable(copied.data)).toMatchObject({
      api: "CopyBlob",
      contentType: "text/plain",
      contentLength: 5,
      blobType: "BlockBlob",
    });
    await (await container.getBlobClient("from sas").beginCopyFromURL(sas)).pollUntilDone();
    await container.getBlobClient("at once").syncCopyFromURL(sas);
    expectNames("BlobCreated CopyBlob c/from sas", "BlobCreated CopyBlob c/at once");
  });

  it("[EG-STORAGE-CALLS] raises BlobCreated for the creation of append and page blobs and nothing for their content", async () => {
    const append = container.getAppendBlobClient("log");
    await append.create();
    const created = storage.sink.takeOne();
    expect(stable(created.data)).toMatchObject({ api: "PutBlob", contentLength: 0, blobType: "AppendBlob" });
    await append.appendBlock("line", 4);
    const page = container.getPageBlobClient("disk");
    await page.create(1024);
    expect(stable(storage.sink.takeOne().data)).toMatchObject({
      api: "PutBlob",
      contentLength: 1024,
      blobType: "PageBlob",
    });
    await page.uploadPages("p".repeat(512), 0, 512);
    await page.clearPages(0, 512);
    await page.resize(2048);
    expectNames();
  });

  it("[EG-STORAGE-DATA] raises BlobDeleted with the properties of the deleted blob", async () => {
    const blob = container.getBlockBlobClient("gone.txt");
    await blob.upload("x", 1, { blobHTTPHeaders: { blobContentType: "text/plain" } });
    storage.sink.take();
    const answer = await blob.delete({ deleteSnapshots: "include" });
    const { eventType, data } = storage.sink.takeOne();
    expect(eventType).toBe("Microsoft.Storage.BlobDeleted");
    expect(data).toEqual({
      api: "DeleteBlob",
      clientRequestId: answer.clientRequestId,
      requestId: answer.requestId,
      contentType: "text/plain",
      blobType: "BlockBlob",
      url: `https://devstoreaccount1.blob.core.windows.net/${container.containerName}/gone.txt`,
      sequencer: expect.any(String),
      storageDiagnostics: { batchId: expect.any(String) },
    });
  });

  it("[EG-STORAGE-CALLS] [EG-STORAGE-ASYNC] distinguishes a change of tier from the start of a rehydration", async () => {
    const blob = await put("tiered", "abc");
    storage.sink.take();
    await blob.setAccessTier("Archive");
    const changed = storage.sink.takeOne();
    expect(changed.eventType).toBe("Microsoft.Storage.BlobTierChanged");
    expect(stable(changed.data)).toEqual({
      api: "SetBlobTier",
      contentType: "application/octet-stream",
      contentLength: 3,
      blobType: "BlockBlob",
      accessTier: "Archive",
      previousTier: "Default",
      url: expect.any(String),
    });
    await blob.setAccessTier("Hot");
    const begun = storage.sink.takeOne();
    expect(begun.eventType).toBe("Microsoft.Storage.AsyncOperationInitiated");
    expect(stable(begun.data)).toMatchObject({ api: "SetBlobTier", contentLength: 3 });
    await blob.setAccessTier("Cool");
    expect(storage.sink.takeOne().data).toMatchObject({ accessTier: "Cool", previousTier: "Hot" });
  });

  it("[EG-STORAGE-SILENT] raises nothing for reads, metadata, headers, leases, tags, snapshots and containers", async () => {
    const blob = await put("quiet");
    storage.sink.take();
    await blob.setMetadata({ a: "b" });
    await blob.setHTTPHeaders({ blobContentType: "text/plain" });
    await blob.setTags({ a: "b" });
    await blob.getProperties();
    await blob.download();
    const { snapshot = "" } = await blob.createSnapshot();
    await blob.withSnapshot(snapshot).delete();
    await blob.createSnapshot();
    await blob.delete({ deleteSnapshots: "only" });
    const lease = blob.getBlobLeaseClient();
    await lease.acquireLease(15);
    await lease.releaseLease();
    for await (const item of container.listBlobsFlat()) expect(item.name).toBe("quiet");
    await container.setMetadata({ a: "b" });
    await container.delete();
    expectNames();
  });

  it("[EG-STORAGE-SILENT] raises nothing for calls that fail", async () => {
    const blob = await put("there");
    storage.sink.take();
    const ifNone = { conditions: { ifNoneMatch: "*" } };
    await expect(blob.upload("y", 1, ifNone)).rejects.toMatchObject({ statusCode: 409 });
    await expect(container.getBlobClient("nobody").delete()).rejects.toMatchObject({ statusCode: 404 });
    await expect(container.getBlobClient("nobody").setAccessTier("Cool")).rejects.toMatchObject({ statusCode: 404 });
    await expect(blob.commitBlockList([blockId(9)])).rejects.toMatchObject({ statusCode: 400 });
    const elsewhere = storage.client.getContainerClient("no-such-container").getBlockBlobClient("x");
    await expect(elsewhere.upload("y", 1)).rejects.toMatchObject({ statusCode: 404 });
    const stranger = new StorageSharedKeyCredential(AZURITE_ACCOUNT, Buffer.from("wrong").toString("base64"));
    const wrongKey = new BlockBlobClient(blob.url, stranger, { retryOptions: { maxTries: 1 } });
    await expect(wrongKey.upload("y", 1)).rejects.toMatchObject({ statusCode: 403 });
    expectNames();
  });

  it("[EG-STORAGE-SILENT] raises nothing in $logs", async () => {
    const logs = storage.client.getContainerClient("$logs");
    await logs.createIfNotExists();
    const answer = await rawCall(storage.port, "PUT", `${PATH}/$logs/x`, { "x-ms-blob-type": "BlockBlob" }, "abc");
    expect(answer.status).toBe(201);
    expectNames();
  });

  it("[EG-STORAGE-PROXY] leaves blob and account signatures valid", async () => {
    const expiresOn = new Date(Date.now() + 3_600_000);
    const { containerName } = container;
    const forBlob = generateBlobSASQueryParameters(
      { containerName, blobName: "by blob sas é", permissions: BlobSASPermissions.parse("rcw"), expiresOn },
      credential,
    );
    const forAccount = generateAccountSASQueryParameters(
      { services: "b", resourceTypes: "sco", permissions: AccountSASPermissions.parse("rwdlac"), expiresOn },
      credential,
    );
    const base = `http://127.0.0.1:${storage.port}${PATH}/${containerName}`;
    const byBlob = new BlockBlobClient(
      `${base}/by%20blob%20sas%20%C3%A9?${forBlob.toString()}`,
      new AnonymousCredential(),
    );
    await byBlob.upload("a", 1);
    const byAccount = new BlockBlobClient(`${base}/by-account?${forAccount.toString()}`, new AnonymousCredential());
    await byAccount.upload("a", 1);
    await byAccount.delete();
    expectNames(
      "BlobCreated PutBlob c/by blob sas é",
      "BlobCreated PutBlob c/by-account",
      "BlobDeleted DeleteBlob c/by-account",
    );
  });

  it("[EG-STORAGE-ADDRESS] [EG-STORAGE-SHAREDKEY] finds the account in the host name, too", async () => {
    const host = `${AZURITE_ACCOUNT}.blob.localhost:${storage.port}`;
    const path = `/${container.containerName}/from%20host`;
    const headers = { host, "x-ms-blob-type": "BlockBlob", "content-type": "text/plain" };
    expect(await rawCall(storage.port, "PUT", path, headers, "abcd")).toMatchObject({ status: 201 });
    expect(await rawCall(storage.port, "DELETE", path, { host })).toMatchObject({ status: 202 });
    const [created, deleted] = storage.sink.take();
    expect(created?.data).toMatchObject({ api: "PutBlob", contentLength: 4 });
    expect(deleted?.data).toMatchObject({ api: "DeleteBlob", contentType: "text/plain" });
    expect(deleted?.subject).toBe(`/blobServices/default/containers/${container.containerName}/blobs/from host`);
  });

  it("[EG-STORAGE-BATCH] raises an event for each successful call of a batch", async () => {
    const blobs = await Promise.all(["one", "two + é", "three"].map((name) => put(name)));
    storage.sink.take();
    const batch = storage.client.getBlobBatchClient();
    const tiers = await batch.setBlobsAccessTier(
      [blobs[0]?.url ?? "", container.getBlobClient("nobody").url],
      credential,
      "Cool",
    );
    expect(tiers.subResponsesSucceededCount).toBe(1);
    const tiered = storage.sink.takeOne();
    expect(tiered.data).toMatchObject({
      api: "SetBlobTier",
      accessTier: "Cool",
      previousTier: "Default",
      contentLength: 1,
    });
    await batch.deleteBlobs([...blobs.map(({ url }) => url), container.getBlobClient("nobody").url], credential);
    const events = storage.sink.take();
    expect(events.map(({ subject }) => subject.split("/blobs/")[1])).toEqual(["one", "two + é", "three"]);
    for (const { data, eventType } of events) {
      expect(eventType).toBe("Microsoft.Storage.BlobDeleted");
      expect(data).toMatchObject({ api: "DeleteBlob", contentType: "application/octet-stream", blobType: "BlockBlob" });
    }
    expect(new Set(events.map(({ data }) => data["sequencer"])).size).toBe(3);
  });

  it("[EG-STORAGE-BATCH] supports batches of a container", async () => {
    const blobs = await Promise.all(["one", "two"].map((name) => put(name)));
    storage.sink.take();
    await container.getBlobBatchClient().deleteBlobs(
      blobs.map(({ url }) => url),
      credential,
    );
    expectNames("BlobDeleted DeleteBlob c/one", "BlobDeleted DeleteBlob c/two");
  });

  it("[EG-STORAGE-PROXY] streams a large upload in blocks and raises one event", async () => {
    const size = 24 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024, 7);
    const content = Readable.from(Array.from({ length: 24 }, () => chunk));
    const blob = container.getBlockBlobClient("large.bin");
    await blob.uploadStream(content, 4 * 1024 * 1024, 4);
    expect(storage.sink.takeOne().data).toMatchObject({ api: "PutBlockList", contentLength: size });
    const read = await blob.downloadToBuffer();
    expect(read.length).toBe(size);
    expect(read.every((byte) => byte === 7)).toBe(true);
  });

  it("[EG-STORAGE-ABORT] raises nothing for an upload that is cut", async () => {
    const blob = container.getBlockBlobClient("cut.bin");
    const aborter = new AbortController();
    async function* slowly(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(64 * 1024);
      aborter.abort();
      await new Promise((resolve) => setImmediate(resolve));
      yield Buffer.alloc(64 * 1024);
    }
    const body = (): NodeJS.ReadableStream => Readable.from(slowly());
    await expect(blob.upload(body, 10 * 1024 * 1024, { abortSignal: aborter.signal })).rejects.toThrow();
    await expect(blob.exists()).resolves.toBe(false);
    expectNames();
  });

  it("[EG-STORAGE-DURABLE] [EG-STORAGE-ERROR] returns 503 if the event cannot be stored", async () => {
    storage.sink.refusals = 1;
    const blob = container.getBlockBlobClient("unkept");
    await expect(blob.upload("x", 1)).rejects.toMatchObject({ statusCode: 503, code: "ServerBusy" });
    storage.sink.refusals = 1;
    const answer = await rawCall(storage.port, "DELETE", `${PATH}/${container.containerName}/unkept`, {
      "x-ms-client-request-id": "mine",
    });
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({
      "x-ms-error-code": "ServerBusy",
      "content-type": "application/xml",
      "x-ms-client-request-id": "mine",
    });
    expect(answer.body).toMatch(
      /^<\?xml .*<Error><Code>ServerBusy<\/Code><Message>[^<]+RequestId:[^<]+<\/Message><\/Error>$/s,
    );
    expectNames();
  });

  it("[EG-STORAGE-DURABLE] publishes the event when the client tries again", async () => {
    storage.sink.refusals = 2;
    const blob = blobClient(storage.port, 4).getContainerClient(container.containerName).getBlockBlobClient("again");
    await blob.upload("x", 1);
    expectNames("BlobCreated PutBlob c/again");
  });

  it("[EG-STORAGE-OWED] later raises the event of a delete that the client cannot repeat", async () => {
    const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const blob = await put("owed");
    await fastForward(storage.clock, settled, 60_000);
    storage.sink.take();
    storage.sink.refusals = 1;
    await expect(blob.delete()).rejects.toMatchObject({ statusCode: 503 });
    await expect(blob.delete()).rejects.toMatchObject({ statusCode: 404 });
    expectNames();
    await fastForward(storage.clock, settled, 60_000);
    expectNames("BlobDeleted DeleteBlob c/owed");
  });

  it("[EG-STORAGE-DURABLE] returns 503 to a batch whose events cannot be stored", async () => {
    const blob = await put("unkept");
    storage.sink.take();
    storage.sink.refusals = 1;
    const batch = storage.client.getBlobBatchClient();
    await expect(batch.deleteBlobs([blob.url], credential)).rejects.toMatchObject({ statusCode: 503 });
    expectNames();
  });

  it("[EG-STORAGE-SHAREDKEY] signs queries with names that have a common prefix", async () => {
    const path = `${PATH}/${container.containerName}`;
    const query = "?restype=container&comp=list&prefix=a%2Bb%20c+d&prefix2=y&maxresults=5";
    expect(await rawCall(storage.port, "GET", path + query)).toMatchObject({ status: 200 });
  });
});

describe("storage source with the emulator's addresses", () => {
  it("[EG-STORAGE-URL] contains the blob's URL as the client used it", async () => {
    const storage = await startStorage("emulator");
    try {
      const { containerClient } = await storage.client.createContainer("pictures");
      const blob = containerClient.getBlockBlobClient("a b+é");
      await blob.upload("x", 1);
      expect(storage.sink.takeOne().data["url"]).toBe(blob.url);
      await storage.client.getBlobBatchClient().deleteBlobs([blob.url], credential);
      expect(storage.sink.takeOne().data["url"]).toBe(blob.url);
    } finally {
      await storage.stop();
    }
  });
});
