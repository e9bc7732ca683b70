import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { onAbort } from "./on-abort.ts";

describe("onAbort", () => {
  it("calls every callback once when the signal is aborted, except for removed ones", () => {
    const controller = new AbortController();
    const called: number[] = [];
    const forget = Array.from({ length: 50 }, (_, place) => onAbort(controller.signal, () => called.push(place)));
    for (const place of [0, 7, 49]) forget[place]?.();
    forget[7]?.();
    controller.abort();
    controller.abort();
    expect(called.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 50 }, (_, place) => place).filter((place) => ![0, 7, 49].includes(place)),
    );
  });

  it("adds one listener to a signal for any number of callbacks", () => {
    const { signal } = new AbortController();
    for (let count = 0; count < 50; count += 1) onAbort(signal, () => {});
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
  });
});
