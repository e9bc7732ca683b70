import { randomUUID } from "node:crypto";
import type { Load } from "./load.ts";

/**
 * Placeholder in the events of a load with a rate. Each request replaces it with its scheduled sending time in
 * microseconds.
 */
export const SENT_AT_PLACEHOLDER = "0000000000000000";

const MIN_BODIES = 16;
const MAX_BODIES = 1_024;
const MAX_BYTES = 4_194_304;

/** Returns bodies to publish in turn, all of the same length, in which no two events have the same id. */
export function requestBodies(load: Pick<Load, "events" | "eventBytes" | "rate" | "eventType" | "subject">): string[] {
  const wanted = Math.floor(MAX_BYTES / (load.events * load.eventBytes));
  const count = Math.min(MAX_BODIES, Math.max(MIN_BODIES, wanted));
  return Array.from({ length: count }, () => `[${Array.from({ length: load.events }, () => event(load)).join(",")}]`);
}

function event({ eventBytes, rate, eventType, subject }: Parameters<typeof requestBodies>[0]): string {
  const data = { ...(rate === undefined ? {} : { sentAt: SENT_AT_PLACEHOLDER }), filler: "" };
  const content = {
    id: randomUUID(),
    subject: subject ?? "bench",
    eventType: eventType ?? "Bench.Event",
    eventTime: "2026-01-01T00:00:00.000Z",
    dataVersion: "1.0",
    data,
  };
  data.filler = "x".repeat(Math.max(0, eventBytes - JSON.stringify(content).length));
  return JSON.stringify(content);
}
