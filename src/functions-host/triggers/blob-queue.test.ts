import { describe, expect, it } from "vitest";
import type { Logger } from "../../ports/logger.ts";
import { BlobQueue, type WaitingBlob } from "./blob-queue.ts";

const blob = (name: string): WaitingBlob => ({ container: "c", blob: name, function: "f" });

function recorder(): { logger: Logger; events: string[] } {
  const events: string[] = [];
  const record = (event: string): void => {
    events.push(event);
  };
  const logger: Logger = { debug: record, info: record, warn: record, error: record, child: () => logger };
  return { logger, events };
}

describe("BlobQueue", () => {
  it("stops after the first successful attempt [EG-FUNC-BLOB-TRIES]", async () => {
    const { logger, events } = recorder();
    let tries = 0;
    let finished: (() => void) | undefined;
    const done = new Promise<void>((resolve) => {
      finished = resolve;
    });
    const work = (): Promise<{ failure: string | undefined }> => {
      tries += 1;
      if (tries < 3) return Promise.reject(new Error("not yet"));
      finished?.();
      return Promise.resolve({ failure: undefined });
    };
    const queue = new BlobQueue({ work, logger, tries: 5, concurrency: 1, capacity: 10 });
    queue.add(blob("a"));
    await done;
    await queue.stop();
    expect(events).toEqual(["blob_try_failed", "blob_try_failed"]);
  });

  it("has room for its capacity, and drops waiting blobs when it stops [EG-FUNC-BLOBS]", async () => {
    const { logger, events } = recorder();
    let release: (() => void) | undefined;
    const held = new Promise<{ failure: undefined }>((resolve) => {
      release = () => resolve({ failure: undefined });
    });
    const queue = new BlobQueue({ work: () => held, logger, tries: 5, concurrency: 1, capacity: 3 });
    expect([queue.hasRoom(3), queue.hasRoom(4)]).toEqual([true, false]);
    queue.add(blob("runs"));
    queue.add(blob("waits"));
    expect([queue.hasRoom(1), queue.hasRoom(2)]).toEqual([true, false]);
    const stopped = queue.stop();
    release?.();
    await stopped;
    expect(events).toEqual(["blob_dropped"]);
    expect(queue.hasRoom(3)).toBe(true);
  });
});
