import { expect, it } from "vitest";
import { createLineLogger, type LogLine } from "../../app/system/line-logger.ts";
import { LineQueue, type LineSink } from "./line-queue.ts";

/** Returns a queue with a sink that finishes a write only on request. */
function slowQueue(): {
  queue: LineQueue;
  written: string[];
  logged: LogLine[];
  next: (error?: Error) => void;
} {
  const written: string[] = [];
  const logged: LogLine[] = [];
  let answer: { done: () => void; fail: (error: Error) => void } | undefined;
  const sink: LineSink = {
    write: (text) =>
      new Promise((done, fail) => {
        written.push(text);
        answer = { done, fail };
      }),
    close: async () => {
      written.push("closed");
    },
  };
  const logger = createLineLogger("debug", (line) => logged.push(line));
  const next = (error?: Error): void => (error === undefined ? answer?.done() : answer?.fail(error));
  return { queue: new LineQueue(sink, logger), written, logged, next };
}

it("writes all lines that were added during a write at once, and closes after the last write", async () => {
  const { queue, written, next } = slowQueue();
  queue.add({ line: 1 });
  await expect.poll(() => written.length).toBe(1);
  queue.add({ line: 2, text: "a\nb" });
  queue.add({ line: 3 });
  const closed = queue.close();
  next();
  await expect.poll(() => written.length).toBe(2);
  next();
  await closed;
  expect(written).toEqual(['{"line":1}\n', '{"line":2,"text":"a\\nb"}\n{"line":3}\n', "closed"]);
});

it("drops lines while the disk is too slow, and logs their number", async () => {
  const { queue, written, logged, next } = slowQueue();
  const line = { text: "x".repeat(1_000_000) };
  queue.add(line);
  await expect.poll(() => written.length).toBe(1);
  for (let count = 0; count < 10; count += 1) queue.add(line);
  next();
  await expect.poll(() => written.length).toBe(2);
  expect(written[1]?.trimEnd().split("\n")).toHaveLength(4);
  expect(logged).toMatchObject([{ event: "diagnostics_dropped", level: "warn", fields: { lines: 6 } }]);
  next();
  await queue.close();
});

it("logs a failed write, and continues", async () => {
  const { queue, written, logged, next } = slowQueue();
  queue.add({ line: 1 });
  await expect.poll(() => written.length).toBe(1);
  next(new Error("no space left"));
  await expect.poll(() => logged.length).toBe(2);
  expect(logged).toMatchObject([
    { event: "diagnostics_failed", fields: { error: "no space left" } },
    { event: "diagnostics_dropped", fields: { lines: 1 } },
  ]);
  queue.add({ line: 2 });
  await expect.poll(() => written.length).toBe(2);
  next();
  await queue.close();
});
