import type { QueueName } from "../../../core/delivery.ts";
import { RingmainError } from "../../../core/errors.ts";

/** The stream of a queue, the subject of its deliveries, and the durable consumer that delivers them. */
export interface QueueAddress {
  readonly stream: string;
  readonly subject: string;
  readonly consumer: string;
}

/** Maximum length of a queue's encoded name. NATS limits the name of a consumer to 255 bytes. */
const MAX_TOKEN_LENGTH = 200;

/** Returns the name of a shard's stream. */
export function streamName(store: string, shard: number): string {
  return `${store}_deliveries_${shard}`;
}

/** Returns the subject of a queue's deliveries, or of all queues if `token` is `*`. */
export function deliverySubject(store: string, shard: number, token: string): string {
  return `${store}.deliveries.${shard}.${token}`;
}

/** Returns the address of a queue. Throws `invalid_request` if the name is empty or too long. */
export function queueAddress(store: string, shards: number, queue: QueueName): QueueAddress {
  const token = encodeToken(queue, "~");
  if (token.length === 0 || token.length > MAX_TOKEN_LENGTH) {
    throw new RingmainError(
      "invalid_request",
      `A queue's name takes 1 to ${MAX_TOKEN_LENGTH} bytes, not ${token.length}`,
    );
  }
  const shard = hash(queue) % shards;
  return { stream: streamName(store, shard), subject: deliverySubject(store, shard, token), consumer: token };
}

/** Returns the queue whose deliveries have this subject. */
export function queueOfSubject(subject: string): QueueName {
  return decodeToken(subject.slice(subject.lastIndexOf(".") + 1), "~") as QueueName;
}

/**
 * Encodes a text as one token of a subject. Letters, digits, `-` and `_` are unchanged; every other byte becomes
 * `escape` and two hexadecimal digits. Different texts have different tokens.
 */
export function encodeToken(text: string, escape: string): string {
  let token = "";
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    token += /[\w-]/.test(character) ? character : escape + byte.toString(16).padStart(2, "0");
  }
  return token;
}

/** Decodes the result of {@link encodeToken}. */
export function decodeToken(token: string, escape: string): string {
  const bytes: number[] = [];
  for (let index = 0; index < token.length; index += 1) {
    if (token[index] === escape) {
      bytes.push(Number.parseInt(token.slice(index + 1, index + 3), 16));
      index += 2;
    } else bytes.push(token.charCodeAt(index));
  }
  return Buffer.from(bytes).toString();
}

/** Returns the 32-bit FNV-1a hash of a text. It determines the shard of a queue and must never change. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
