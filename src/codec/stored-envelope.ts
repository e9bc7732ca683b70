import { RingmainError } from "../core/errors.ts";
import type { EventEnvelope, InputSchema } from "../core/event.ts";
import type { TraceContext } from "../core/trace-context.ts";
import { ByteReader, ByteWriter, textBytes, varintBytes } from "./stored-bytes.ts";

/**
 * The byte form of an envelope in a store.
 *
 * One byte of flags (the schema in the low two bits, then whether subject, time and more are there), the time of
 * publishing as a double, the texts each behind its length, and the JSON up to the end. Written once, when an event is
 * accepted. The last text, *more*, is a JSON object of what few events have: readers pass over members they do not know.
 */
const SCHEMAS: readonly InputSchema[] = ["EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"];
const SCHEMA_MASK = 0b0011;
const HAS_SUBJECT = 0b0100;
const HAS_TIME = 0b1000;
const HAS_MORE = 0b1_0000;
const FIXED_BYTES = 1 + 8;

/** What few events have. */
interface More {
  readonly trace?: TraceContext;
}
const NO_MORE: More = {};

/** Encodes an envelope; {@link decodeEnvelope} gives an equal one back. */
export function encodeEnvelope(envelope: EventEnvelope): Uint8Array {
  const { subject, time, trace, json } = envelope;
  const texts = [envelope.systemId, envelope.topic, envelope.id, envelope.type, envelope.dataVersion];
  if (subject !== undefined) texts.push(subject);
  if (time !== undefined) texts.push(time);
  if (trace !== undefined) texts.push(JSON.stringify({ trace } satisfies More));
  let bytes = FIXED_BYTES + json.length;
  const lengths: number[] = [];
  for (const text of texts) {
    const length = textBytes(text);
    lengths.push(length);
    bytes += varintBytes(length) + length;
  }
  const writer = new ByteWriter(bytes);
  writer.uint8(
    SCHEMAS.indexOf(envelope.schema) |
      (subject === undefined ? 0 : HAS_SUBJECT) |
      (time === undefined ? 0 : HAS_TIME) |
      (trace === undefined ? 0 : HAS_MORE),
  );
  writer.double(envelope.publishedAt);
  for (const [index, text] of texts.entries()) writer.text(text, lengths[index] ?? 0);
  writer.rest(json);
  return writer.bytes;
}

/**
 * Reads an envelope. `json` is a view of `bytes`, which therefore must not change afterwards.
 *
 * Errors: `internal` when the bytes are no envelope.
 */
export function decodeEnvelope(bytes: Uint8Array): EventEnvelope {
  const reader = new ByteReader(bytes);
  const flags = reader.uint8();
  const schema = SCHEMAS[flags & SCHEMA_MASK];
  if (schema === undefined) throw new RingmainError("internal", `Stored event of an unknown schema (flags ${flags})`);
  const publishedAt = reader.double();
  const systemId = reader.text();
  const topic = reader.text();
  const id = reader.text();
  const type = reader.text();
  const dataVersion = reader.text();
  const subject = flags & HAS_SUBJECT ? reader.text() : undefined;
  const time = flags & HAS_TIME ? reader.text() : undefined;
  const { trace } = flags & HAS_MORE ? readMore(reader.text()) : NO_MORE;
  const envelope = { systemId, schema, topic, id, type, subject, time, dataVersion, publishedAt, json: reader.rest() };
  return trace === undefined ? envelope : { ...envelope, trace };
}

function readMore(text: string): More {
  try {
    return JSON.parse(text) as More;
  } catch (thrown) {
    throw new RingmainError("internal", "Stored event whose further fields are no JSON", { cause: thrown });
  }
}
