import * as fc from "fast-check";
import { expect, it } from "vitest";
import { deadLetterQueueName, type QueueName } from "../../../core/delivery.ts";
import { decodeToken, encodeToken, queueAddress, queueOfSubject } from "./names.ts";

it("decodes to every encoded text, with characters that are valid in subjects and consumer names", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (text) => {
      const token = encodeToken(text, "~");
      expect(token).toMatch(/^[\w~-]*$/);
      expect(decodeToken(token, "~")).toBe(text);
    }),
  );
});

it("places a queue where every node finds it", () => {
  const queue = deadLetterQueueName("5b0e3f0e-6a35-4a0f-9d63-6c2f0a5ac2f1");
  const address = queueAddress("ringmain", 16, queue);
  expect(address).toEqual({
    stream: "ringmain_deliveries_11",
    subject: "ringmain.deliveries.11.5b0e3f0e-6a35-4a0f-9d63-6c2f0a5ac2f1~2edeadletter",
    consumer: "5b0e3f0e-6a35-4a0f-9d63-6c2f0a5ac2f1~2edeadletter",
  });
  expect(queueOfSubject(address.subject)).toBe(queue);
});

it.each(["", "x".repeat(201), "é".repeat(50)])("refuses the name “%s”", (name) => {
  expect(() => queueAddress("ringmain", 16, name as QueueName)).toThrow(/takes 1 to 200 bytes/);
});
