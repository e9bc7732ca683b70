import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import { decodeStoredDelivery, encodeStoredDelivery } from "../../records/stored-delivery.ts";
import type { Delivery } from "../../../core/delivery.ts";
import { RingmainError } from "../../../core/errors.ts";
import type { EpochMs } from "../../../core/time.ts";

/**
 * The payload of a delivery's message: a byte with the version in its upper and flags in its lower half, the due time
 * as a double (unless the delivery is due at once), and the delivery as encoded by `encodeStoredDelivery`.
 *
 * A payload that exceeds the server's limit is compressed: the default limit of NATS servers is exactly the size of
 * Event Grid's largest event, which leaves no room for the other fields.
 */
const VERSION = 0x10;
const HAS_DUE = 0b0001;
const DEFLATED = 0b0010;
/** Maximum size of a message's subject, headers and protocol line, which may count toward the limit. */
const ENVELOPE_BYTES = 2_048;
/** Maximum size of a delivery. Protects against manipulated payloads that would inflate without limit. */
const MAX_INFLATED_BYTES = 16_000_000;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** A delivery and its due time; `undefined` if it is due at once. */
export interface FramedDelivery {
  readonly delivery: Delivery;
  readonly dueAt: EpochMs | undefined;
}

/**
 * Encodes a delivery. Rejects with `payload_too_large` if the server's `max_payload` is too small for it even when it
 * is compressed.
 */
export async function encodeFrame(
  delivery: Delivery,
  dueAt: EpochMs | undefined,
  maxPayload: number,
): Promise<Uint8Array> {
  const encoded = encodeStoredDelivery(delivery);
  const limit = maxPayload - ENVELOPE_BYTES;
  const frame = join(0, dueAt, encoded);
  if (frame.length <= limit) return frame;
  const deflated = join(DEFLATED, dueAt, await deflate(encoded));
  if (deflated.length <= limit) return deflated;
  throw new RingmainError(
    "payload_too_large",
    `An event takes ${deflated.length} bytes even compressed, and the NATS server's max_payload is ${maxPayload}`,
  );
}

/** Decodes a delivery. Rejects with `internal` if the bytes are not a frame. */
export async function decodeFrame(bytes: Uint8Array): Promise<FramedDelivery> {
  const flags = bytes[0] ?? 0;
  if ((flags & 0xf0) !== VERSION)
    throw new RingmainError("internal", `A stored delivery of unknown version (${flags})`);
  const hasDue = (flags & HAS_DUE) !== 0;
  const body = bytes.subarray(hasDue ? 9 : 1);
  const stored = decodeStoredDelivery(
    flags & DEFLATED ? await inflate(body, { maxOutputLength: MAX_INFLATED_BYTES }) : body,
  );
  const { event } = stored;
  if (typeof event === "number") throw new RingmainError("internal", "A stored delivery without its event");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { delivery: { ...stored, event }, dueAt: hasDue ? view.getFloat64(1) : undefined };
}

function join(flags: number, dueAt: EpochMs | undefined, body: Uint8Array): Uint8Array {
  const head = dueAt === undefined ? 1 : 9;
  const frame = new Uint8Array(head + body.length);
  frame[0] = VERSION | flags | (dueAt === undefined ? 0 : HAS_DUE);
  if (dueAt !== undefined) new DataView(frame.buffer).setFloat64(1, dueAt);
  frame.set(body, head);
  return frame;
}
