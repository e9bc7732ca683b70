import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { SILENT_LOGGER } from "../../ports/logger.ts";
import { PartStack, type PartName } from "./part-stack.ts";

/** A deadline that no test reaches. */
const WITHIN_MS = 60_000;

/** Creates a stack of parts that record when their release begins and ends. */
function stackOf(...names: readonly PartName[]): { readonly stack: PartStack; readonly released: string[] } {
  const stack = new PartStack(SILENT_LOGGER);
  const released: string[] = [];
  for (const name of names) {
    stack.push(name, async () => {
      released.push(`${name} begins`);
      await Promise.resolve();
      released.push(`${name} ends`);
    });
  }
  return { stack, released };
}

describe("PartStack", () => {
  it("releases the latest part first, and waits for each release to end", async () => {
    const { stack, released } = stackOf("store", "engine");
    await stack.release(WITHIN_MS);
    expect(released).toEqual(["engine begins", "engine ends", "store begins", "store ends"]);
  });

  it("releases a raised part before all others", async () => {
    const { stack, released } = stackOf("store", "server", "engine");
    stack.raise("server");
    await stack.release(WITHIN_MS);
    expect(released.filter((text) => text.endsWith("begins"))).toEqual([
      "server begins",
      "engine begins",
      "store begins",
    ]);
  });

  it("logs a part that cannot be released, and releases the ones below it", async () => {
    const logged: unknown[] = [];
    const stack = new PartStack({ ...SILENT_LOGGER, error: (event, fields) => logged.push([event, fields]) });
    let released = false;
    stack.push("store", () => {
      released = true;
    });
    stack.push("engine", () => Promise.reject(new Error("it is stuck")));
    stack.push("server", () => {
      throw new Error("it is not there");
    });
    await stack.release(WITHIN_MS);
    expect(released).toBe(true);
    expect(logged).toEqual([
      ["release_failed", { part: "server", error: "it is not there" }],
      ["release_failed", { part: "engine", error: "it is stuck" }],
    ]);
  });

  it("gives all parts the same deadline, which is aborted when the time is over", async () => {
    const stack = new PartStack(SILENT_LOGGER);
    const aborted: boolean[] = [];
    stack.push("store", (deadline) => void aborted.push(deadline.aborted));
    stack.push("server", async (deadline) => {
      aborted.push(deadline.aborted);
      await once(deadline, "abort");
    });
    await stack.release(1);
    expect(aborted).toEqual([false, true]);
  });

  it("releases a part only once", async () => {
    const { stack, released } = stackOf("store");
    await stack.release(WITHIN_MS);
    await stack.release(WITHIN_MS);
    expect(released).toEqual(["store begins", "store ends"]);
  });

  it("throws when an open part is pushed again, or a part is raised that is not open", () => {
    const { stack } = stackOf("store");
    expect(() => stack.push("store", () => {})).toThrow("'store' is open already");
    expect(() => stack.raise("server")).toThrow("'server' is not open");
  });
});
