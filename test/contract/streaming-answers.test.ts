import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBackupMaker } from "../../src/app/parts/backup-maker.ts";
import type { StreamClient } from "../../src/ports/event-streams.ts";
import type { Store } from "../../src/ports/store.ts";
import { desiredSubscription } from "../support/fixtures/desired-resources.ts";
import { startServerHarness, type ServerHarness } from "../support/servers/server-harness.ts";

const TIMEOUT_MS = 1_000;
const ALLOWED_MS: number = TIMEOUT_MS + 2_000;
/** More bytes than all buffers between a server and a client can hold. */
const LARGE_BYTES = 24 * 1_048_576;

let folder: string;
let harness: ServerHarness;
let stream: StreamClient | undefined;
const clients: Socket[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringmain-streaming-"));
  const backup = (file: string): Promise<void> => writeFile(file, Buffer.alloc(LARGE_BYTES));
  stream = undefined;
  harness = await startServerHarness({
    limits: { connections: 100, bodyBytesInFlight: 10_000_000, requestTimeoutMs: TIMEOUT_MS },
    makeBackup: createBackupMaker({ backup } as unknown as Store, folder),
    streams: {
      connect: (_uid, client) => {
        stream = client;
        return () => {};
      },
    },
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await harness.stop();
  await rm(folder, { recursive: true });
});

async function open(request: string): Promise<Socket> {
  const client = connect({ port: harness.port, host: "127.0.0.1", allowHalfOpen: true });
  clients.push(client.on("error", () => {}).pause());
  await once(client, "connect");
  client.write(`${request} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return client;
}

/** Requests another backup without reading it. Resolves with the status. */
async function anotherBackup(): Promise<number> {
  const client = await open("POST /ringmain/backup");
  const [head] = (await once(client.resume(), "data")) as [Buffer];
  client.destroy();
  return Number(head.toString("latin1").slice(9, 12));
}

describe("a backup", () => {
  it("ends if its reader stops reading, and the next one can begin", async () => {
    await open("POST /ringmain/backup");
    const begun = performance.now();
    await vi.waitFor(async () => expect(await anotherBackup()).toBe(409), { timeout: 5_000 });
    await vi.waitFor(async () => expect(await anotherBackup()).toBe(200), { timeout: 10_000 });
    expect(performance.now() - begun).toBeLessThan(ALLOWED_MS);
  });

  it("may take longer than the time limit while it is being read", async () => {
    const client = await open("POST /ringmain/backup");
    const begun = performance.now();
    let received = 0;
    client.on("data", (chunk: Buffer) => {
      received += chunk.length;
      client.pause();
    });
    const reading = setInterval(() => {
      // Reads at a pace that takes three time limits for the whole backup.
      if (received < (LARGE_BYTES * (performance.now() - begun)) / (3 * TIMEOUT_MS)) client.resume();
    }, 1);
    await vi.waitFor(() => expect(received).toBeGreaterThan(LARGE_BYTES), { timeout: 20_000 });
    clearInterval(reading);
    expect(performance.now() - begun).toBeGreaterThan(2 * TIMEOUT_MS);
  });
});

describe("a stream of events", () => {
  beforeEach(async () => {
    const subscription = desiredSubscription("live");
    await harness.engine.engine.controlPlane.put({
      ...subscription,
      properties: { ...subscription.properties, destination: { endpointType: "Stream", properties: {} } },
    });
  });

  it("ends if its reader stops reading, with any number of further events", async () => {
    await open("GET /ringmain/streams/live");
    await vi.waitFor(() => expect(stream).toBeDefined());
    const begun = performance.now();
    const outcomes: boolean[] = [];
    stream?.write(`data: ${"x".repeat(LARGE_BYTES)}\n\n`, (ok) => outcomes.push(ok));
    const writing = setInterval(() => stream?.write("data: y\n\n", (ok) => outcomes.push(ok)), TIMEOUT_MS / 10);
    await vi.waitFor(() => expect(outcomes).toContain(false), { timeout: 10_000 });
    clearInterval(writing);
    expect(performance.now() - begun).toBeLessThan(ALLOWED_MS);
    expect(outcomes).not.toContain(true);
  });

  it("stays open while there are no events", async () => {
    const client = await open("GET /ringmain/streams/live");
    await once(client.resume(), "data");
    // Meanwhile the server closes a later connection that sends nothing.
    await once(connect(harness.port, "127.0.0.1").resume(), "close");
    stream?.write("data: y\n\n", () => {});
    expect(String((await once(client, "data")) as unknown)).toContain("data: y");
  });
});
