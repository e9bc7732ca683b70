import type { Msg } from "@nats-io/transport-node";
import type { LockedDelivery, QueueName } from "../../../core/delivery.ts";
import { SECOND_MS, type EpochMs } from "../../../core/time.ts";
import type { ReceiveOptions } from "../../../ports/delivery-queue.ts";
import type { LockOptions } from "../../lock-table.ts";
import { readAckSubject } from "./ack-subject.ts";
import { COUNT_MARGIN_MS, type CountedLocks } from "./counted-locks.ts";
import type { DeliveryWriter } from "./delivery-writer.ts";
import { ACK_WAIT_MS, type JetStreamApi } from "../link/jetstream-api.ts";
import type { LockTokens } from "./lock-tokens.ts";
import { decodeFrame, type FramedDelivery } from "./message-frame.ts";
import type { NatsLink } from "../link/nats-link.ts";
import type { QueueView } from "./queue-view.ts";

/** Maximum number of messages per pull. Messages that prove to be too many are returned. */
const PULL_MESSAGES = 256;
/** Time in milliseconds after which an unused consumer may have been deleted by the server. */
const CONSUMER_TRUSTED_MS = 1_800 * SECOND_MS;
/** Maximum time in milliseconds for which the server holds a message. Afterwards the message is checked again. */
const MAX_HOLD_MS = 86_400 * SECOND_MS;
/** Time in milliseconds for which an unreadable message is held. A node of a newer version may be able to read it. */
const UNREADABLE_HOLD_MS = 60 * SECOND_MS;

/** Dependencies of {@link Receiving}. */
export interface ReceivingDependencies {
  readonly link: NatsLink;
  readonly api: JetStreamApi;
  readonly writer: DeliveryWriter;
  readonly tokens: LockTokens;
  readonly countedLocks: CountedLocks;
  /** Called when a delivery of a queue waits again. */
  readonly available: (queue: QueueName) => void;
}

/** State of one `receive` call. */
interface Gathering {
  readonly max: number;
  readonly maxBytes: number;
  readonly lock: LockOptions;
  readonly received: LockedDelivery[];
  bytes: number;
  full: boolean;
}

/**
 * Implements `receive`: pulls messages from a queue's consumer, which is created if necessary, and locks them. Messages
 * that are too many, or not due yet, are returned to the server.
 */
export class Receiving {
  readonly #dependencies: ReceivingDependencies;

  constructor(dependencies: ReceivingDependencies) {
    this.#dependencies = dependencies;
  }

  async receive(view: QueueView, options: ReceiveOptions): Promise<LockedDelivery[]> {
    const { max, maxBytes = Number.POSITIVE_INFINITY, now } = options;
    const gathering: Gathering = { max, maxBytes, lock: options, received: [], bytes: 0, full: max <= 0 };
    view.expire(now);
    while (!gathering.full) {
      if (!(await this.#hasConsumer(view, now))) break;
      const batch = batchSize(view, gathering);
      const { stream, consumer } = view.address;
      const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
      const messages = await this.#dependencies.link.pull(subject, batch, (message) => this.#giveBack(view, message));
      if (messages === undefined) {
        const unknownBefore = view.consumerEpoch === 0;
        view.consumerEpoch = 0;
        if (unknownBefore) break;
        continue;
      }
      for (const message of messages) await this.#gather(view, gathering, message);
      if (messages.length < batch) break;
    }
    return gathering.received;
  }

  #giveBack({ name }: QueueView, { reply }: Msg): void {
    this.#dependencies.writer.holdUnconfirmed(reply ?? "", 0);
    this.#dependencies.available(name);
  }

  /** Creates the consumer if it may not exist. Returns whether a pull can return messages. */
  async #hasConsumer(view: QueueView, now: EpochMs): Promise<boolean> {
    const known =
      view.consumerEpoch === this.#dependencies.link.epoch && now - view.consumerAskedAt < CONSUMER_TRUSTED_MS;
    view.consumerAskedAt = now;
    if (known) return true;
    view.makingConsumer ??= this.#makeConsumer(view).finally(() => (view.makingConsumer = undefined));
    return view.makingConsumer;
  }

  async #makeConsumer(view: QueueView): Promise<boolean> {
    const { api, link } = this.#dependencies;
    const { epoch } = link;
    if ((await api.count(view.address)) === 0) return false;
    await api.ensureConsumer(view.address);
    view.consumerEpoch = epoch;
    return true;
  }

  /** Locks a received message and adds it to the result, or returns it to the server until it is due. */
  async #gather(view: QueueView, gathering: Gathering, message: Msg): Promise<void> {
    const { writer, tokens, link, countedLocks } = this.#dependencies;
    const { received, lock: options } = gathering;
    const { now, lockMs, counted = false } = options;
    const ackSubject = message.reply ?? "";
    if (gathering.full) {
      writer.holdUnconfirmed(ackSubject, 0);
      return;
    }
    const frame = await decodeFrame(message.data).catch(() => undefined);
    const { sequence } = readAckSubject(ackSubject);
    const heldUntil = frame === undefined ? now + UNREADABLE_HOLD_MS : notBefore(view, frame, sequence, gathering);
    if (frame === undefined || heldUntil > now) {
      view.noteDue(heldUntil);
      writer.holdUnconfirmed(ackSubject, Math.min(heldUntil - now, MAX_HOLD_MS));
      return;
    }
    const { delivery } = frame;
    const bytes = delivery.event.json.length;
    view.averageBytes += (bytes - view.averageBytes) / 16;
    if (received.length > 0 && gathering.bytes + bytes > gathering.maxBytes) {
      gathering.full = true;
      writer.holdUnconfirmed(ackSubject, 0);
      return;
    }
    gathering.bytes += bytes;
    const holdMs = counted ? lockMs + COUNT_MARGIN_MS : lockMs;
    if (holdMs !== ACK_WAIT_MS) writer.holdUnconfirmed(ackSubject, holdMs);
    const held = { delivery, sequence, ackSubject, epoch: link.epoch };
    const lock = view.locks.take(sequence, held, options);
    if (counted) countedLocks.watch(view, now);
    const lockToken = tokens.sign(view.name, lock.token, lock.until, ackSubject);
    received.push({ ...delivery, lockToken, receivedAt: now, lockedUntil: lock.until });
    gathering.full = received.length >= gathering.max;
  }
}

/** Returns the time until which a message must not be received; a time in the past if it may be received now. */
function notBefore(view: QueueView, { dueAt }: FramedDelivery, sequence: number, { lock }: Gathering): EpochMs {
  // The server has lost a lock that this node still holds.
  if (view.locks.isLocked(sequence)) return lock.now + lock.lockMs;
  return dueAt ?? Number.NEGATIVE_INFINITY;
}

function batchSize(view: QueueView, { max, maxBytes, received, bytes }: Gathering): number {
  const byBytes = Math.ceil((maxBytes - bytes) / Math.max(view.averageBytes, 1));
  return Math.max(1, Math.min(PULL_MESSAGES, max - received.length, byBytes));
}
