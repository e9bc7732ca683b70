import { describe, expect, it } from "vitest";
import { Turns } from "./turns.ts";

/** Work that ends when the test says so, with a record of the work that started. */
function scripted() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve) => ends.set(name, () => resolve(name)));
  };
  const end = (name: string): void => ends.get(name)?.();
  return { begun, work, end };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("Turns", () => {
  it("runs work of one key in order, and of other keys concurrently", async () => {
    const { begun, work, end } = scripted();
    const turns = new Turns();
    const first = turns.take("a", work("first"));
    const second = turns.take("a", work("second"));
    const other = turns.take("b", work("other"));
    await settled();
    expect(begun).toEqual(["first", "other"]);
    end("first");
    expect(await first).toBe("first");
    await settled();
    expect(begun).toEqual(["first", "other", "second"]);
    end("second");
    end("other");
    expect(await Promise.all([second, other])).toEqual(["second", "other"]);
  });

  it("continues with the next work if work rejects or throws", async () => {
    const turns = new Turns();
    const failing = turns.take("a", () => {
      throw new Error("thrown");
    });
    const rejecting = turns.take("a", () => Promise.reject(new Error("rejected")));
    const next = turns.take("a", () => Promise.resolve("done"));
    await expect(failing).rejects.toThrow("thrown");
    await expect(rejecting).rejects.toThrow("rejected");
    expect(await next).toBe("done");
  });

  it("waits for the turns of several keys, given in any order", async () => {
    const { begun, work, end } = scripted();
    const turns = new Turns();
    const one = turns.takeAll(["a", "b", "a"], work("one"));
    const other = turns.takeAll(["b", "a"], work("other"));
    const free = turns.takeAll([], work("free"));
    await settled();
    expect(begun).toEqual(["free", "one"]);
    end("one");
    await one;
    await settled();
    expect(begun).toEqual(["free", "one", "other"]);
    end("other");
    end("free");
    expect(await Promise.all([other, free])).toEqual(["other", "free"]);
  });
});
