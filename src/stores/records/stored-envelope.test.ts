import * as fc from "fast-check";
import { expect, it } from "vitest";
import { envelope, withoutTrace } from "../../../test/support/fixtures/any-envelope.ts";
import { decodeEnvelope, encodeEnvelope } from "./stored-envelope.ts";

it("decodes to the stored envelope", () => {
  fc.assert(
    fc.property(envelope, (event) => {
      expect({ ...decodeEnvelope(encodeEnvelope(event)) }).toEqual(event);
    }),
  );
});

it("never reads beyond the end of the bytes", () => {
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

it("ignores fields that a later release adds to an event", () => {
  const [event] = fc.sample(withoutTrace, 1);
  if (event === undefined) throw new Error("no sample");
  const later = { ...event, trace: { traceparent: "x", later: "y" } };
  expect(decodeEnvelope(encodeEnvelope(later))).toEqual(later);
  const bytes = Buffer.from(encodeEnvelope({ ...event, trace: { traceparent: "x" } }));
  const more = bytes.indexOf('{"trace"');
  bytes.write('{"later"', more);
  expect(decodeEnvelope(bytes)).toEqual(event);
});

it("refuses further fields that are not JSON", () => {
  const [event] = fc.sample(withoutTrace, 1);
  if (event === undefined) throw new Error("no sample");
  const bytes = Buffer.from(encodeEnvelope({ ...event, trace: { traceparent: "x" } }));
  bytes.write("[", bytes.indexOf('{"trace"'));
  expect(() => decodeEnvelope(bytes)).toThrow("not JSON");
});
