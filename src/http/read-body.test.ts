import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { BodyBudget, readBody } from "./read-body.ts";

/** Begins to read a body; what is told of it comes into `told`. */
function begin(budget: BodyBudget): { readonly request: PassThrough; readonly told: string[] } {
  const request = new PassThrough();
  const told: string[] = [];
  readBody(Object.assign(request, { headers: {} }) as unknown as IncomingMessage, budget, {
    received: (bytes) => told.push(`received ${Buffer.from(bytes).toString()}`),
    failed: (error) => told.push(`failed: ${error.message}`),
  });
  return { request, told };
}

describe("reading a body", () => {
  it("gives the whole of it once, and leaves its room taken", async () => {
    const budget = new BodyBudget(6);
    const { request, told } = begin(budget);
    request.write("abc");
    request.end("def");
    await once(request, "close");
    expect(told).toEqual(["received abcdef"]);
    expect(() => budget.take(1)).toThrow("The limit of 6 bytes for all request bodies");
    budget.give(6);
    budget.take(6);
  });

  it("fails once where the request breaks off, and gives the room back", async () => {
    const budget = new BodyBudget(6);
    const { request, told } = begin(budget);
    const begun = once(request, "data");
    request.write("abc");
    await begun;
    request.destroy();
    await once(request, "close");
    expect(told).toEqual(["failed: The request ended before its body was complete."]);
    budget.take(6);
  });

  it("fails once where there is no room, and reads the rest without keeping it", async () => {
    const budget = new BodyBudget(4);
    const { request, told } = begin(budget);
    request.write("abc");
    request.write("def");
    request.end("g");
    await once(request, "close");
    expect(told).toEqual([expect.stringContaining("failed: The limit of 4 bytes for all request bodies")]);
    budget.take(4);
  });
});
