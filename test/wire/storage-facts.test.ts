import { afterEach, describe, expect, it } from "vitest";
import { raw, startProxy, startUpstream, stopAll, type Proxy } from "./storage-proxy-harness.ts";

afterEach(stopAll);

/** Properties of the copy's destination in one response of the service. */
type CopyState = readonly [status: number, state: string, id: string];

/** Advances the clock until there are no more sleepers, at most `rounds` times. */
async function letTimePass({ clock }: Proxy, rounds: number): Promise<number> {
  for (let round = 0; round < rounds; round += 1) {
    let next = clock.nextWakeAt();
    for (let turn = 0; turn < 200 && next === undefined; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      next = clock.nextWakeAt();
    }
    if (next === undefined) return round;
    clock.moveTo(next);
  }
  return rounds;
}

async function startCopy(states: readonly CopyState[], extra = ""): Promise<Proxy> {
  const rest = [...states];
  const upstream = await startUpstream((request, response) => {
    if (request.method === "PUT") {
      response.writeHead(202, { etag: '"1"', "x-ms-copy-status": "pending", "x-ms-copy-id": "id" }).end();
      return;
    }
    const [status, state, id] = (polling ? rest.shift() : undefined) ?? [200, "pending", "id"];
    response
      .writeHead(status, { etag: '"2"', "x-ms-copy-status": state, "x-ms-copy-id": id, "content-length": 7 })
      .end();
  });
  let polling = false;
  const proxy = await startProxy(upstream.port);
  const text = `PUT /acc/c/b HTTP/1.1\r\nHost: h\r\nx-ms-copy-source: http://h/acc/c/a\r\n${extra}Connection: close\r\nContent-Length: 0\r\n\r\n`;
  expect(await raw(proxy.port, text)).toMatch(/^HTTP\/1.1 202 /);
  polling = true;
  return proxy;
}

describe("storage source and asynchronous copies", () => {
  it("[EG-STORAGE-COPY-PENDING] raises BlobCreated once the copy is complete", async () => {
    const proxy = await startCopy([
      [200, "pending", "id"],
      [500, "", ""],
      [200, "success", "id"],
    ]);
    expect(proxy.events).toEqual([]);
    const begun = proxy.clock.now();
    expect(await letTimePass(proxy, 10)).toBe(3);
    expect(proxy.clock.now() - begun).toBe(7_000);
    expect(proxy.events).toMatchObject([
      { eventType: "Microsoft.Storage.BlobCreated", data: { api: "CopyBlob", eTag: "2", contentLength: 7 } },
    ]);
  });

  it.each([
    ["fails", [200, "failed", "id"]],
    ["is replaced", [200, "success", "another"]],
    ["is deleted", [404, "", ""]],
  ] as const)("[EG-STORAGE-COPY-PENDING] raises nothing for a copy that %s", async (_, state) => {
    const proxy = await startCopy([state]);
    expect(await letTimePass(proxy, 10)).toBe(1);
    expect(proxy.events).toEqual([]);
  });

  it("[EG-STORAGE-ASYNC] raises AsyncOperationInitiated for a copy out of the archive", async () => {
    const proxy = await startCopy([], "x-ms-rehydrate-priority: High\r\n");
    expect(proxy.events).toMatchObject([
      { eventType: "Microsoft.Storage.AsyncOperationInitiated", data: { api: "CopyBlob", contentLength: 7 } },
    ]);
  });

  it("[EG-STORAGE-COPY-PENDING] stops waiting after two weeks", async () => {
    const proxy = await startCopy([]);
    await letTimePass(proxy, 3);
    proxy.clock.moveTo(proxy.clock.now() + 14 * 24 * 3_600_000);
    expect(await letTimePass(proxy, 5)).toBe(0);
    expect(proxy.events).toEqual([]);
  });
});

describe("storage source between two writes", () => {
  it("[EG-STORAGE-FACTS] omits unknown properties if the blob has changed since", async () => {
    const upstream = await startUpstream((request, response) => {
      request.resume();
      if (request.method === "HEAD")
        response.writeHead(200, { etag: '"newer"', "content-length": 9, "content-type": "image/png" }).end();
      else response.writeHead(201, { etag: '"mine"', "x-ms-request-id": "f47ac10b-58cc-4372-a567-0e02b2c3d479" }).end();
    });
    const { port, events } = await startProxy(upstream.port);
    const call = (path: string, headers: string): Promise<string> =>
      raw(port, `PUT ${path} HTTP/1.1\r\nHost: h\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
    await call("/acc/c/b?comp=blocklist", "x-ms-blob-content-type: text/csv\r\nx-ms-access-tier: Cool\r\n");
    await call("/acc/c/b", "x-ms-copy-source: http://h/acc/c/a\r\n");
    expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 2 }, () => "f47ac10b-58cc-4372-a567-0e02b2ababab"));
    const [list, copy] = events.map(({ data }) => data);
    expect(list).toMatchObject({ eTag: "mine", contentType: "text/csv", blobType: "BlockBlob", accessTier: "Cool" });
    expect(list).not.toHaveProperty("contentLength");
    expect(copy).toMatchObject({ eTag: "mine", accessTier: "Default" });
    expect(Object.keys(copy ?? {})).toEqual([
      "api",
      "requestId",
      "eTag",
      "accessTier",
      "url",
      "sequencer",
      "storageDiagnostics",
    ]);
  });

  it("[EG-STORAGE-FACTS] raises the event without properties if the service does not return them", async () => {
    const upstream = await startUpstream((request, response) => {
      request.resume();
      response.writeHead(request.method === "HEAD" ? 403 : 202).end();
    });
    const { port, events } = await startProxy(upstream.port);
    await raw(port, "DELETE /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    await raw(port, "DELETE /acc/c/../b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(events).toMatchObject([{ data: { api: "DeleteBlob" } }, { data: { api: "DeleteBlob" } }]);
    for (const { data } of events) expect(data).not.toHaveProperty("contentType");
  });
});
