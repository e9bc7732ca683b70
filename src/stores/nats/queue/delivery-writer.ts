import { headers } from "@nats-io/transport-node";
import type { Delivery } from "../../../core/delivery.ts";
import type { EpochMs } from "../../../core/time.ts";
import { readAckSubject } from "./ack-subject.ts";
import { Gate } from "./gate.ts";
import type { JetStreamApi } from "../link/jetstream-api.ts";
import { encodeFrame } from "./message-frame.ts";
import type { QueueAddress } from "../link/names.ts";
import { NANOSECONDS_PER_MS, unavailable, type NatsLink } from "../link/nats-link.ts";
import { pause } from "../link/pause.ts";

/**
 * Maximum number of unconfirmed messages. A message counts once more for every 16 KiB. Newer servers refuse more than
 * some thousands, or 128 MiB, for one stream.
 */
const MESSAGES_UNDER_WAY = 4_096;
const BYTES_PER_PLACE = 16_384;
/**
 * Number of attempts, and the milliseconds between them, while a stream has no leader and its servers do not respond.
 */
const TRIES = 8;
const TRY_AGAIN_MS = 250;

/** A message that has been stored, by this request or by an earlier one with the same id. */
export interface Stored {
  readonly sequence: number;
  readonly duplicate: boolean;
}

/** The message of a locked delivery. */
export interface LockedMessage {
  readonly sequence: number;
  readonly ackSubject: string;
  /** If true, the server still holds the lock, so that an acknowledgement takes effect. */
  readonly certain: boolean;
}

/** Writes deliveries into their streams and deletes them. All methods reject with `store_unavailable`. */
export class DeliveryWriter {
  readonly #link: NatsLink;
  readonly #api: JetStreamApi;
  readonly #gate = new Gate(MESSAGES_UNDER_WAY);

  constructor(link: NatsLink, api: JetStreamApi) {
    this.#link = link;
    this.#api = api;
  }

  /** Encodes a delivery as a message. Rejects with `payload_too_large`. */
  encode(delivery: Delivery, dueAt?: EpochMs): Promise<Uint8Array> {
    return encodeFrame(delivery, dueAt, this.#link.maxPayload);
  }

  /**
   * Adds a message. Resolves when it is durable. Of several messages with the same id within half a minute, only the
   * first is added; messages without an id are always added.
   */
  async add({ stream, subject }: QueueAddress, frame: Uint8Array, id?: string): Promise<Stored> {
    const weight = 1 + Math.floor(frame.length / BYTES_PER_PLACE);
    const head = id === undefined ? undefined : headers();
    if (id !== undefined) head?.set("Nats-Msg-Id", id);
    const wait = this.#gate.enter(weight);
    if (wait !== undefined) await wait;
    try {
      for (let tries = 1; ; tries += 1) {
        const message = await this.#link.request(subject, frame, head);
        // No server received the message, so repeating it cannot add it twice.
        if (message !== undefined) return readStored(stream, message.json());
        if (tries === TRIES) throw unavailable(`JetStream: stream ${stream} has no leader`);
        await pause(TRY_AGAIN_MS);
      }
    } finally {
      this.#gate.leave(weight);
    }
  }

  /** Deletes a delivery. Returns whether it existed. */
  async end({ stream }: QueueAddress, message: LockedMessage): Promise<boolean> {
    if (message.certain && (await this.#link.request(message.ackSubject, "+ACK")) !== undefined) return true;
    const deleted = await this.#api.deleteMessage(stream, message.sequence);
    this.#link.publish(message.ackSubject, "+ACK");
    return deleted;
  }

  /**
   * Replaces a delivery with another. Adds the new one first, so that one of the two always exists. Returns whether the
   * old one existed.
   */
  async replace(from: QueueAddress, message: LockedMessage, to: QueueAddress, frame: Uint8Array): Promise<boolean> {
    const { sequence, storedAt } = readAckSubject(message.ackSubject);
    let added = await this.add(to, frame, `${from.stream}:${sequence}:${storedAt}`);
    // A leader that was lost may know an id whose message it never stored permanently. A duplicate is better than a
    // loss.
    if (added.duplicate && (await this.#api.getMessage(to.stream, added.sequence)) === undefined) {
      added = await this.add(to, frame);
    }
    const replaced = await this.end(from, message);
    if (!replaced && !added.duplicate) await this.#api.deleteMessage(to.stream, added.sequence);
    return replaced;
  }

  /** Makes the server deliver the message again after `delayMs`: for a release, or at the end of a lock. */
  async hold(message: Pick<LockedMessage, "ackSubject">, delayMs: number): Promise<boolean> {
    return (await this.#link.request(message.ackSubject, holdFor(delayMs))) !== undefined;
  }

  /** Does the same as {@link hold} without waiting for a response. */
  holdUnconfirmed(ackSubject: string, delayMs: number): void {
    this.#link.publish(ackSubject, holdFor(delayMs));
  }
}

function holdFor(delayMs: number): string {
  return delayMs <= 0 ? "-NAK" : `-NAK {"delay": ${Math.ceil(delayMs * NANOSECONDS_PER_MS)}}`;
}

function readStored(stream: string, response: unknown): Stored {
  const { error, seq, duplicate } = response as {
    readonly error?: { readonly description?: string; readonly err_code?: number };
    readonly seq?: number;
    readonly duplicate?: boolean;
  };
  if (error !== undefined || seq === undefined) {
    throw unavailable(`JetStream: stream ${stream} refuses a delivery: ${error?.description ?? "no reason given"}`);
  }
  return { sequence: seq, duplicate: duplicate === true };
}
