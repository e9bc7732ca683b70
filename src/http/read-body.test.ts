import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { BodyBudget, readBody } from "./read-body.ts";

/** Starts to read a body. Returns its request, and the calls of the reader. */
function begin(budget: BodyBudget): { readonly request: PassThrough; readonly calls: string[] } {
  const request = new PassThrough();
  const calls: string[] = [];
  readBody(Object.assign(request, { headers: {} }) as unknown as IncomingMessage, budget, {
    received: (bytes) => calls.push(`received ${Buffer.from(bytes).toString()}`),
    failed: (error) => calls.push(`failed: ${error.message}`),
  });
  return { request, calls };
}

describe("reading a body", () => {
  it("passes on the whole body once, and keeps its room reserved", async () => {
    const budget = new BodyBudget(6);
    const { request, calls } = begin(budget);
    request.write("abc");
    request.end("def");
    await once(request, "close");
    expect(calls).toEqual(["received abcdef"]);
    expect(() => budget.take(1)).toThrow("The limit of 6 bytes for all request bodies");
    budget.give(6);
    budget.take(6);
  });

  it("fails once if the request is cut, and releases its room", async () => {
    const budget = new BodyBudget(6);
    const { request, calls } = begin(budget);
    const begun = once(request, "data");
    request.write("abc");
    await begun;
    request.destroy();
    await once(request, "close");
    expect(calls).toEqual(["failed: The request ended before its body was complete."]);
    budget.take(6);
  });

  it("fails once if there is no room, and discards the rest", async () => {
    const budget = new BodyBudget(4);
    const { request, calls } = begin(budget);
    request.write("abc");
    request.write("def");
    request.end("g");
    await once(request, "close");
    expect(calls).toEqual([expect.stringContaining("failed: The limit of 4 bytes for all request bodies")]);
    budget.take(4);
  });
});
