import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { EventEnvelope } from "../core/event.ts";
import { decodeEnvelope, encodeEnvelope } from "./stored-envelope.ts";

/** Any text that has a UTF-8 form, in any script. */
const text = fc.string({ unit: "grapheme", maxLength: 300 });
const envelope: fc.Arbitrary<EventEnvelope> = fc.record({
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

it("gives back the envelope that was stored", () => {
  fc.assert(
    fc.property(envelope, (event) => {
      expect(decodeEnvelope(encodeEnvelope(event))).toEqual(event);
    }),
  );
});

it("never reads beyond the bytes it is given", () => {
  fc.assert(
    fc.property(envelope, fc.nat(), (event, cut) => {
      const bytes = encodeEnvelope(event);
      const headBytes = bytes.length - event.json.length;
      expect(() => decodeEnvelope(bytes.subarray(0, cut % headBytes))).toThrow("ends too early");
    }),
  );
});

it("refuses an unknown schema", () => {
  expect(() => decodeEnvelope(Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow("unknown schema");
});
