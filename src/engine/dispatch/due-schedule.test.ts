import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueueName } from "../../core/delivery.ts";
import { DueSchedule } from "./due-schedule.ts";

const name = (text: string): QueueName => text as QueueName;

describe("DueSchedule", () => {
  it("keeps the earliest scheduled time", () => {
    const schedule = new DueSchedule();
    expect(schedule.add(name("a"), 20)).toBe(true);
    expect(schedule.add(name("a"), 30)).toBe(false);
    expect(schedule.add(name("a"), 10)).toBe(true);
    expect(schedule.earliest()).toBe(10);
    expect(schedule.takeDue(10)).toEqual(["a"]);
    expect(schedule.earliest()).toBe(Number.POSITIVE_INFINITY);
  });

  it("agrees with a plain map in random operations", () => {
    const command = fc.record({ verb: fc.constantFrom("add", "take", "delete"), queue: fc.nat(9), at: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const schedule = new DueSchedule();
        const model = new Map<string, number>();
        for (const { verb, queue, at } of commands) {
          const key = String(queue);
          if (verb === "add") {
            schedule.add(name(key), at);
            model.set(key, Math.min(at, model.get(key) ?? Number.POSITIVE_INFINITY));
          } else if (verb === "delete") {
            schedule.delete(name(key));
            model.delete(key);
          } else {
            const due = [...model].filter(([, time]) => time <= at).map(([queueName]) => queueName);
            for (const queueName of due) model.delete(queueName);
            expect(schedule.takeDue(at).toSorted()).toEqual(due.toSorted());
          }
          expect(schedule.earliest()).toBe(Math.min(Number.POSITIVE_INFINITY, ...model.values()));
        }
      }),
    );
  });
});
