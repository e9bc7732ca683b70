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

/** Messages under way to the servers at one time; each counts once more for every 16 KiB. Newer servers refuse more
 * than some thousands, or 128 MiB, for one stream. */
const MESSAGES_UNDER_WAY = 4_096;
const BYTES_PER_PLACE = 16_384;
/** While a stream has no leader its servers do not answer: this often it is tried again. */
const TRIES = 8;
const TRY_AGAIN_MS = 250;

/** A message that was stored, or had been before under the same id. */
export interface Stored {
  readonly sequence: number;
  readonly duplicate: boolean;
}

/** A delivery's message, as the one who locked it knows it. */
export interface LockedMessage {
  readonly sequence: number;
  readonly ackSubject: string;
  /** The server still has the lock for certain, so that an acknowledgement will have its effect. */
  readonly certain: boolean;
}

/** Writes deliveries into their streams, and ends them. Everything rejects with `store_unavailable`. */
export class DeliveryWriter {
  readonly #link: NatsLink;
  readonly #api: JetStreamApi;
  readonly #gate = new Gate(MESSAGES_UNDER_WAY);

  constructor(link: NatsLink, api: JetStreamApi) {
    this.#link = link;
    this.#api = api;
  }

  /** Errors: `payload_too_large`. */
  encode(delivery: Delivery, dueAt?: EpochMs): Promise<Uint8Array> {
    return encodeFrame(delivery, dueAt, this.#link.maxPayload);
  }

  /**
   * Adds a message, durable when this resolves. Of several with one id that come within half a minute the first is
   * added; without an id each is.
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
        // Nobody was there to take it, so that saying it again cannot add it twice.
        if (message !== undefined) return readStored(stream, message.json());
        if (tries === TRIES) throw unavailable(`JetStream: stream ${stream} has no leader`);
        await pause(TRY_AGAIN_MS);
      }
    } finally {
      this.#gate.leave(weight);
    }
  }

  /** Ends a delivery; answers whether it was still there. */
  async end({ stream }: QueueAddress, message: LockedMessage): Promise<boolean> {
    if (message.certain && (await this.#link.request(message.ackSubject, "+ACK")) !== undefined) return true;
    const deleted = await this.#api.deleteMessage(stream, message.sequence);
    this.#link.publish(message.ackSubject, "+ACK");
    return deleted;
  }

  /** Puts another delivery in this one's place: added first, so that one of them is there whatever happens. */
  async replace(from: QueueAddress, message: LockedMessage, to: QueueAddress, frame: Uint8Array): Promise<boolean> {
    const { sequence, storedAt } = readAckSubject(message.ackSubject);
    let added = await this.add(to, frame, `${from.stream}:${sequence}:${storedAt}`);
    // A leader that is lost may know an id whose message it never stored for good: rather one too many.
    if (added.duplicate && (await this.#api.getMessage(to.stream, added.sequence)) === undefined) {
      added = await this.add(to, frame);
    }
    const replaced = await this.end(from, message);
    if (!replaced && !added.duplicate) await this.#api.deleteMessage(to.stream, added.sequence);
    return replaced;
  }

  /** Makes the server give the delivery out again after `delayMs`: the end of a release, or of a lock. */
  async hold(message: Pick<LockedMessage, "ackSubject">, delayMs: number): Promise<boolean> {
    return (await this.#link.request(message.ackSubject, holdFor(delayMs))) !== undefined;
  }

  /** The same, not waiting for an answer. */
  holdUnconfirmed(ackSubject: string, delayMs: number): void {
    this.#link.publish(ackSubject, holdFor(delayMs));
  }
}

function holdFor(delayMs: number): string {
  return delayMs <= 0 ? "-NAK" : `-NAK {"delay": ${Math.ceil(delayMs * NANOSECONDS_PER_MS)}}`;
}

function readStored(stream: string, answer: unknown): Stored {
  const { error, seq, duplicate } = answer as {
    readonly error?: { readonly description?: string; readonly err_code?: number };
    readonly seq?: number;
    readonly duplicate?: boolean;
  };
  if (error !== undefined || seq === undefined) {
    throw unavailable(`JetStream: stream ${stream} takes no delivery: ${error?.description ?? "no reason given"}`);
  }
  return { sequence: seq, duplicate: duplicate === true };
}
