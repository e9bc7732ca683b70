import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRetryUnavailable } from "../../src/app/lifecycle/retry-unavailable.ts";
import { systemClock } from "../../src/app/system/system-clock.ts";
import { SILENT_LOGGER } from "../../src/ports/logger.ts";
import { openNatsStore } from "../../src/stores/nats/open-nats-store.ts";
import { killProcess, runNats, startNatsProcess } from "../support/servers/run-nats.ts";
import { a, ids } from "./delivery-queue-steps.ts";
import { put, takeSoon } from "./store-nats-steps.ts";

const TIMEOUT_MS = 500;

/**
 * Returns a retry that calls `onFailure` with the message of each failed attempt that is followed by another one.
 */
function retrying(onFailure: (reason: string) => void) {
  const warn = (_event: string, fields?: Readonly<Record<string, unknown>>): void =>
    onFailure(String(fields?.["reason"]));
  const { signal } = new AbortController();
  return createRetryUnavailable({ clock: systemClock, logger: { ...SILENT_LOGGER, warn }, signal });
}

describe("nats: opening a store", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringmain-nats-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is repeated while the server does not respond, and succeeds when it does", async () => {
    const server = await runNats();
    try {
      server.suspend();
      const reasons: string[] = [];
      const retry = retrying((reason) => {
        reasons.push(reason);
        server.resume();
      });
      const store = await openNatsStore({ servers: server.url, shards: 1, timeoutMs: TIMEOUT_MS, retry });
      await put(store.queue, [a], "1");
      expect(ids(await takeSoon(store.queue, a))).toEqual(["1"]);
      await store.close();
      expect(reasons.length).toBeGreaterThan(0);
      expect(reasons[0]).toContain(server.url.replace("nats://", ""));
    } finally {
      await server.stop();
    }
  }, 20_000);

  it("is repeated until a server exists", async () => {
    const server = await runNats();
    await server.kill();
    let restarted: Promise<void> | undefined;
    const retry = retrying(() => void (restarted ??= server.restart()));
    const store = await openNatsStore({ servers: server.url, shards: 1, retry });
    await store.close();
    expect(restarted).toBeDefined();
    await server.stop();
  }, 20_000);

  it.each([
    ["without JetStream", [], {}, "JetStream is not enabled there (nats-server -js)"],
    ["that want other credentials", ["-js", "--user", "u", "--pass", "p"], {}, "Authorization Violation"],
    ["of which there are too few for the replicas", ["-js"], { replicas: 3 as const }, "replicas > 1 not supported"],
  ])("is refused at once by servers %s", async (_case, args, options, message) => {
    const { child, clientPort } = await startNatsProcess([...args, "-sd", folder, "-a", "127.0.0.1", "-p", "-1"]);
    try {
      const servers = `127.0.0.1:${clientPort}`;
      const retry = retrying((reason) => expect.unreachable(`repeated after: ${reason}`));
      await expect(openNatsStore({ servers, retry, ...options })).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining(message) as string,
      });
    } finally {
      await killProcess(child);
    }
  });
});
