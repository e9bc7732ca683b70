import { describe, expect, it } from "vitest";
import { Places } from "./places.ts";

const LIMITS = { places: 2, placesPerCaller: 2, waiting: 2, waitMs: 60_000 };

describe("places", () => {
  it("are occupied until none is free, then passed on in order of arrival", async () => {
    const places = new Places(LIMITS);
    const first = await places.enter("a");
    await places.enter("b");
    const admitted: string[] = [];
    const third = places.enter("c").then(() => admitted.push("c"));
    const fourth = places.enter("d").then(() => admitted.push("d"));
    expect(admitted).toEqual([]);
    first();
    first();
    await third;
    expect(admitted).toEqual(["c"]);
    void fourth;
  });

  it("are refused if too many callers wait", async () => {
    const places = new Places({ ...LIMITS, waiting: 0 });
    await places.enter("a");
    await places.enter("b");
    await expect(places.enter("c")).rejects.toMatchObject({ code: "too_many_requests" });
  });

  it("are refused after a while, and then not assigned to the refused callers", async () => {
    const places = new Places({ ...LIMITS, waitMs: 1 });
    const leave = await places.enter("a");
    await places.enter("b");
    await expect(places.enter("c")).rejects.toMatchObject({ code: "too_many_requests" });
    leave();
    await places.enter("d");
  });

  it("are not all occupied by one caller, who is skipped while it has its share", async () => {
    const places = new Places({ ...LIMITS, places: 3 });
    const leave = await places.enter("greedy");
    await places.enter("greedy");
    const admitted: string[] = [];
    const waiting = places.enter("greedy").then(() => admitted.push("greedy"));
    await places.enter("modest");
    admitted.push("modest");
    leave();
    await waiting;
    expect(admitted).toEqual(["modest", "greedy"]);
  });
});
