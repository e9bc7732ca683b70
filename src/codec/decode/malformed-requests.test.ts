import { array, assert, constantFrom, dictionary, json, oneof, property, record, string, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { ERRORS, RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import { decodePublishRequest } from "./decode-publish-request.ts";

const good = {
  id: "1",
  subject: "s",
  eventType: "T",
  type: "T",
  source: "/s",
  specversion: "1.0",
  eventTime: "2030-01-02T03:04:05Z",
};
const anyValue = oneof(
  json().map((text): unknown => JSON.parse(text)),
  constantFrom<unknown>(null, -0, 1e308, "", "\uD800", "x".repeat(100_000), [], {}, [[[]]]),
);
/** Events with a member added, removed or changed. */
const mutated = record({
  name: oneof(constantFrom(...Object.keys(good), "data_base64", "topic"), string()),
  value: anyValue,
});
const nearly = mutated.map(({ name, value }) => ({ ...good, [name]: value }));
const text = oneof(
  string({ unit: "binary" }),
  json(),
  array(nearly, { maxLength: 3 }).map((events) => JSON.stringify(events)),
  nearly.map((event) => JSON.stringify(event)),
  constantFrom(
    "[",
    "{",
    "[{",
    '{"a',
    '"\\',
    "[".repeat(50_000),
    '{"a":'.repeat(50_000),
    "[{}]]",
    "\uFEFF",
    "1e999",
    "[,]",
  ),
);
const cut = record({ text, keep: constantFrom(1, 0.9, 0.5, 0.1) }).map(({ text: whole, keep }) =>
  Buffer.from(whole.slice(0, Math.ceil(whole.length * keep))),
);
const request = record({
  schema: constantFrom("EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"),
  contentType: oneof(
    constantFrom(
      undefined,
      "application/json",
      "application/cloudevents+json",
      "application/cloudevents-batch+json; charset=utf-8",
      "text/plain",
      ";",
    ),
    string(),
  ),
  headers: oneof(
    constantFrom<Record<string, string>>(
      {},
      {},
      { "ce-specversion": "1.0", "ce-type": "T", "ce-source": "/", "ce-id": "1" },
    ),
    dictionary(
      oneof(constantFrom("ce-id", "ce-type", "ce-source", "ce-specversion", "ce-time", "ce-x", "ce-"), string()),
      oneof(string(), constantFrom("%", "%ff", '"', "1.0")),
    ),
  ),
  bytes: oneof(cut, cut, uint8Array({ maxLength: 64 })),
});

interface Request {
  readonly schema: InputSchema;
  readonly contentType: string | undefined;
  readonly headers: Record<string, string>;
  readonly bytes: Uint8Array;
}

/** Returns "accepted" or the status of the error. Rethrows every other error, which fails the test. */
function outcome({ schema, contentType, headers, bytes }: Request): string {
  try {
    const events = decodePublishRequest(
      {
        contentType,
        header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
        headerNames: () => Object.keys(headers),
        bytes,
      },
      { schema, topic: "/topics/t", now: 0, newId: () => "new" },
    );
    for (const { envelope, body } of events) {
      // The stored event is one JSON object, equal to the one that filters read.
      expect(JSON.parse(Buffer.from(envelope.json).toString())).toEqual(body);
    }
    return "accepted";
  } catch (thrown) {
    if (!(thrown instanceof RingmainError)) throw thrown;
    return String(ERRORS[thrown.code].status);
  }
}
describe("10,000 generated requests", () => {
  it("[EG-PUBLISH-ATOMIC] are each accepted whole or refused with a 4xx error, never anything else", () => {
    const seen = new Map<string, number>();
    assert(
      property(request, (generated) => {
        const result = outcome(generated);
        seen.set(result, (seen.get(result) ?? 0) + 1);
        return result === "accepted" || /^4\d\d$/.test(result);
      }),
      { numRuns: 10_000 },
    );
    // The generator produces both accepted and refused requests.
    expect([...seen.keys()]).toEqual(expect.arrayContaining(["accepted", "400", "415"]));
  }, 60_000);
});
