import * as fc from "fast-check";
import type { EventEnvelope } from "../../src/core/event.ts";

/** Any text that has a UTF-8 form, in any script. */
const text = fc.string({ unit: "grapheme", maxLength: 300 });
/** Any event that continues no trace. */
export const withoutTrace: fc.Arbitrary<EventEnvelope> = fc.record({
  systemId: text,
  schema: fc.constantFrom("EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"),
  topic: text,
  id: text,
  type: text,
  subject: fc.option(text, { nil: undefined }),
  time: fc.option(text, { nil: undefined }),
  dataVersion: text,
  publishedAt: fc.double({ noNaN: true }),
  json: fc.uint8Array({ maxLength: 300 }),
});
const trace = fc.record({ traceparent: text, tracestate: text }, { requiredKeys: ["traceparent"] });
/** Any event. */
export const envelope: fc.Arbitrary<EventEnvelope> = fc.oneof(
  withoutTrace,
  fc.tuple(withoutTrace, trace).map(([event, place]) => ({ ...event, trace: place })),
);
