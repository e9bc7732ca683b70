import type { QueueName } from "../../../core/delivery.ts";
import { RingmainError } from "../../../core/errors.ts";

/** Where a queue lives: its stream, the subject of its deliveries, and the durable consumer that gives them out. */
export interface QueueAddress {
  readonly stream: string;
  readonly subject: string;
  readonly consumer: string;
}

/** Longest name of a queue, encoded; a consumer's name may not exceed 255 bytes. */
const MAX_TOKEN_LENGTH = 200;

/** The stream of one shard. */
export function streamName(store: string, shard: number): string {
  return `${store}_deliveries_${shard}`;
}

/** The subject of one queue's deliveries, or of all of them when `token` is `*`. */
export function deliverySubject(store: string, shard: number, token: string): string {
  return `${store}.deliveries.${shard}.${token}`;
}

/** Errors: `invalid_request` when the name is empty or too long. */
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

/** The queue whose deliveries have this subject. */
export function queueOfSubject(subject: string): QueueName {
  return decodeToken(subject.slice(subject.lastIndexOf(".") + 1), "~") as QueueName;
}

/**
 * A text as one token of a subject, in letters, digits, `-`, `_`, and `escape` with two hexadecimal digits for every
 * other byte; unlike texts give unlike tokens.
 */
export function encodeToken(text: string, escape: string): string {
  let token = "";
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    token += /[\w-]/.test(character) ? character : escape + byte.toString(16).padStart(2, "0");
  }
  return token;
}

/** Undoes {@link encodeToken}. */
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

/** FNV-1a, 32 bits: which shard a queue belongs to. Must never change. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
