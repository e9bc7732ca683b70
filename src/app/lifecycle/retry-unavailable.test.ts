import { describe, expect, it } from "vitest";
import { RingmainError } from "../../core/errors.ts";
import { MINUTE_MS } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { SILENT_LOGGER } from "../../ports/logger.ts";
import { createRetryUnavailable } from "./retry-unavailable.ts";

const unavailable = (reason: string): RingmainError => new RingmainError("store_unavailable", reason);

/** Creates a retry with a clock that advances at once to the time that a sleeper waits for. */
function onQuickClock() {
  let now = 0;
  const pauses: number[] = [];
  const reasons: unknown[] = [];
  const stopping = new AbortController();
  const clock: Clock = {
    now: () => now,
    sleepUntil: async (at, signal) => {
      signal.throwIfAborted();
      pauses.push(at - now);
      now = at;
    },
  };
  const logger = { ...SILENT_LOGGER, warn: (_event: string, fields?: object) => reasons.push(fields) };
  const retry = createRetryUnavailable({ clock, logger, signal: stopping.signal });
  return { retry, pauses, reasons, stopping };
}

describe("retryUnavailable", () => {
  it("repeats an attempt with growing pauses, and logs the reason", async () => {
    const { retry, pauses, reasons } = onQuickClock();
    let attempts = 0;
    const result = await retry(async () => {
      attempts += 1;
      if (attempts <= 6) throw unavailable(`no leader (${attempts})`);
      return "open";
    });
    expect(result).toBe("open");
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000]);
    expect(reasons[0]).toEqual({ reason: "no leader (1)", givingUpAfterMs: 60_000 });
    expect(reasons).toHaveLength(6);
  });

  it("gives up after a minute, with the last reason and the time waited", async () => {
    const { retry, pauses } = onQuickClock();
    await expect(retry(() => Promise.reject(unavailable("No leader.")))).rejects.toMatchObject({
      code: "store_unavailable",
      message: "No leader. Given up after 60 s.",
    });
    expect(pauses.reduce((sum, ms) => sum + ms)).toBe(MINUTE_MS);
  });

  it("applies one time limit to all attempts", async () => {
    const { retry, pauses } = onQuickClock();
    await expect(retry(() => Promise.reject(unavailable("first")))).rejects.toThrow("first");
    const pausesOfFirst = pauses.length;
    await expect(retry(() => Promise.reject(unavailable("second")))).rejects.toThrow("second");
    expect(pauses).toHaveLength(pausesOfFirst);
  });

  it.each([new RingmainError("invalid_request", "bad name"), new Error("a defect")])(
    "does not repeat an attempt after another failure: %s",
    async (failure) => {
      const { retry, pauses } = onQuickClock();
      await expect(retry(() => Promise.reject(failure))).rejects.toBe(failure);
      expect(pauses).toEqual([]);
    },
  );

  it("does not wait for an attempt when the start is aborted", async () => {
    const { retry, stopping } = onQuickClock();
    const reason = new Error("stopped");
    const result = retry(() => new Promise(() => {}));
    stopping.abort(reason);
    await expect(result).rejects.toBe(reason);
    await expect(retry(async () => "open")).rejects.toBe(reason);
  });

  it("discards the result of an attempt that succeeds after the abort", async () => {
    const { retry, stopping } = onQuickClock();
    let succeed: ((opened: string) => void) | undefined;
    const discarded = new Promise((resolve) => {
      const attempt = (): Promise<string> => new Promise((opened) => (succeed = opened));
      retry(attempt, resolve).catch(() => {});
    });
    stopping.abort(new Error("stopped"));
    succeed?.("a store");
    expect(await discarded).toBe("a store");
  });
});
