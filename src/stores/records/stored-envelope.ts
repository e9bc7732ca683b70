import { RingmainError } from "../../core/errors.ts";
import type { EventEnvelope, InputSchema } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import { ByteReader, ByteWriter } from "./stored-bytes.ts";

/**
 * The stored form of an envelope: one byte of flags (the schema in the low two bits, then whether subject, time and
 * further fields are present), the time of publishing as a double, the texts with their lengths in front, and the JSON
 * up to the end. An envelope is encoded once, when its event is accepted. The last text is a JSON object of optional
 * fields that few events have; unknown fields in it are ignored.
 */
const SCHEMAS: readonly InputSchema[] = ["EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"];
const SCHEMA_MASK = 0b0011;
const HAS_SUBJECT = 0b0100;
const HAS_TIME = 0b1000;
const HAS_MORE = 0b1_0000;
const FIXED_BYTES = 1 + 8;

/** Optional fields that few events have. */
interface More {
  readonly trace?: TraceContext;
}
const NO_MORE: More = {};

/** Lengths of seven texts that are not short. */
const LENGTHS_BYTES = 7 * 2;
/** Approximate size of the further fields. */
const TRACE_BYTES = 128;

/** Number of texts that every event has. */
const TEXTS = 5;

/** Encodes an envelope for {@link decodeEnvelope}. */
export function encodeEnvelope(envelope: EventEnvelope): Buffer {
  const writer = new ByteWriter(expectedEnvelopeBytes(envelope));
  writeStoredEnvelope(writer, envelope);
  return writer.finish();
}

/** Returns the number of bytes that {@link writeStoredEnvelope} writes if the envelope's texts are ASCII. */
export function expectedEnvelopeBytes(envelope: EventEnvelope): number {
  const { systemId, topic, id, type, dataVersion, subject, time, trace, json } = envelope;
  const texts = systemId.length + topic.length + id.length + type.length + dataVersion.length;
  const more = trace === undefined ? 0 : TRACE_BYTES;
  return FIXED_BYTES + LENGTHS_BYTES + texts + (subject?.length ?? 0) + (time?.length ?? 0) + more + json.length;
}

/** Writes an envelope as the last part of a record. */
export function writeStoredEnvelope(writer: ByteWriter, envelope: EventEnvelope): void {
  if (envelope instanceof StoredEnvelope) {
    writer.rest(envelope.bytes());
    return;
  }
  const { subject, time } = envelope;
  const more = moreOf(envelope);
  writer.uint8(
    SCHEMAS.indexOf(envelope.schema) |
      (subject === undefined ? 0 : HAS_SUBJECT) |
      (time === undefined ? 0 : HAS_TIME) |
      (more === undefined ? 0 : HAS_MORE),
  );
  writer.double(envelope.publishedAt);
  writer.text(envelope.systemId);
  writer.repeatedText(envelope.topic);
  writer.text(envelope.id);
  writer.text(envelope.type);
  writer.text(envelope.dataVersion);
  if (subject !== undefined) writer.text(subject);
  if (time !== undefined) writer.text(time);
  if (more !== undefined) writer.text(more);
  writer.rest(envelope.json);
}

/** Decodes an envelope that takes all of `bytes`; see {@link readEnvelope}. */
export function decodeEnvelope(bytes: Uint8Array): EventEnvelope {
  return readEnvelope(new ByteReader(bytes));
}

/**
 * Reads an envelope as the last part of a record. `json` is a view of the record's bytes, which must not change
 * afterwards; all other fields are copied.
 *
 * Throws `internal` if the bytes are not an envelope.
 */
export function readEnvelope(reader: ByteReader): EventEnvelope {
  return new StoredEnvelope(reader);
}

/**
 * A stored event. Its fields are own properties, so that spreading it copies all of them. It keeps its bytes and is
 * stored again without being encoded. Measured in docs/hot-path.md.
 */
class StoredEnvelope implements EventEnvelope {
  readonly systemId: string;
  readonly schema: InputSchema;
  readonly topic: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly time: string | undefined;
  readonly dataVersion: string;
  readonly publishedAt: EpochMs;
  readonly trace?: TraceContext;
  readonly json: Uint8Array;
  readonly #reader: ByteReader;
  /** Position of the envelope in the reader's bytes. */
  readonly #start: number;

  constructor(reader: ByteReader) {
    this.#start = reader.place;
    const flags = reader.uint8();
    const schema = SCHEMAS[flags & SCHEMA_MASK];
    if (schema === undefined)
      throw new RingmainError("internal", `A stored event has an unknown schema (flags ${flags})`);
    const hasSubject = (flags & HAS_SUBJECT) !== 0;
    const hasTime = (flags & HAS_TIME) !== 0;
    this.#reader = reader;
    this.schema = schema;
    this.publishedAt = reader.double();
    reader.decodeAhead(TEXTS + Number(hasSubject) + Number(hasTime));
    this.systemId = reader.text();
    this.topic = reader.text();
    this.id = reader.text();
    this.type = reader.text();
    this.dataVersion = reader.text();
    this.subject = hasSubject ? reader.text() : undefined;
    this.time = hasTime ? reader.text() : undefined;
    const { trace } = flags & HAS_MORE ? readMore(reader.text()) : NO_MORE;
    if (trace !== undefined) this.trace = trace;
    this.json = reader.rest();
  }

  /** Returns the stored bytes of the envelope. */
  bytes(): Uint8Array {
    this.#reader.moveTo(this.#start);
    return this.#reader.rest();
  }
}

function moreOf({ trace }: EventEnvelope): string | undefined {
  return trace === undefined ? undefined : JSON.stringify({ trace } satisfies More);
}

function readMore(text: string): More {
  try {
    return JSON.parse(text) as More;
  } catch (thrown) {
    throw new RingmainError("internal", "The further fields of a stored event are not JSON", { cause: thrown });
  }
}
