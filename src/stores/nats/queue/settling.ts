import type { Delivery, LockToken, QueueName } from "../../../core/delivery.ts";
import { assertNever } from "../../../core/errors.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { SettleResult } from "../../../ports/delivery-queue.ts";
import { afterAttempt } from "../../after-attempt.ts";
import { isRenewable, settlingOf, type Lock } from "../../lock-table.ts";
import { COUNT_MARGIN_MS } from "./counted-locks.ts";
import type { DeliveryWriter, LockedMessage } from "./delivery-writer.ts";
import type { JetStreamApi } from "../link/jetstream-api.ts";
import type { LockClaim } from "./lock-tokens.ts";
import { decodeFrame } from "./message-frame.ts";
import type { QueueAddress } from "../link/names.ts";
import type { HeldMessage, QueueView } from "./queue-view.ts";
import type { SettleStep } from "../link/settle-step.ts";

/** A delivery to settle. */
interface Subject {
  readonly queue: QueueAddress;
  readonly message: LockedMessage;
  /** Reads the delivery, for changes that write it again; `undefined` if it no longer exists. */
  readonly read: () => Promise<Delivery | undefined>;
}

/** Dependencies of {@link Settling}. */
export interface SettlingDependencies {
  readonly api: JetStreamApi;
  readonly writer: DeliveryWriter;
  readonly addressOf: (queue: QueueName) => QueueAddress;
  /** Returns a number that changes with every loss of the connection. */
  readonly epoch: () => number;
}

/**
 * Implements the settling calls.
 *
 * A lock that this node issued is in its lock table; see `Lock` for its states. If the node that issued a lock no
 * longer exists, only the token is left: it is valid until the time that it contains. If several callers settle such a
 * delivery, the one that deletes its message from the stream succeeds.
 */
export class Settling {
  readonly #dependencies: SettlingDependencies;

  constructor(dependencies: SettlingDependencies) {
    this.#dependencies = dependencies;
  }

  /** Settles locks of this node; `view` is `undefined` if the node has not used the queue. */
  async settleOwn(
    view: QueueView | undefined,
    locals: readonly LockToken[],
    step: SettleStep,
  ): Promise<SettleResult[]> {
    if (view === undefined) return locals.map(() => "unknown-token");
    const { locks } = view;
    const { now } = step;
    // Between the last check and the marking of the locks there is no `await`, so that no other call can intervene.
    const settling = (): Promise<unknown> | undefined => settlingOf(locals.map((local) => locks.find(local, now)));
    for (let wait = settling(); wait !== undefined; wait = settling()) await wait;
    view.expire(now);
    const named = new Set<Lock<HeldMessage>>();
    const found = locals.map((local) => {
      const lock = locks.find(local, now);
      // The token is in this call a second time, so its delivery is settled by then. Only a renewal may be repeated.
      if (typeof lock === "object" && named.has(lock) && step.verb !== "renewLock") return "unknown-token";
      if (typeof lock === "object") named.add(lock);
      return lock;
    });
    const results = await Promise.allSettled(
      found.map(async (lock) => (typeof lock === "string" ? lock : this.#ownOne(view, lock, step))),
    );
    return results.map((outcome) => {
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    });
  }

  /** Settles a lock whose node no longer exists. */
  async settleOrphaned(queue: QueueAddress, claim: LockClaim, step: SettleStep): Promise<SettleResult> {
    const { sequence, ackSubject } = claim;
    const stored = async (): Promise<Delivery | undefined> => {
      const payload = await this.#dependencies.api.getMessage(queue.stream, sequence);
      if (payload === undefined) return undefined;
      return (await decodeFrame(payload)).delivery;
    };
    if (claim.until <= step.now) return (await stored()) === undefined ? "unknown-token" : "lock-lost";
    if (step.verb === "renewLock") {
      if ((await stored()) === undefined) return "unknown-token";
      return (await this.#dependencies.writer.hold({ ackSubject }, step.lockMs)) ? "settled" : "lock-lost";
    }
    return this.#settle({ queue, message: { sequence, ackSubject, certain: false }, read: stored }, step);
  }

  async #ownOne(view: QueueView, lock: Lock<HeldMessage>, step: SettleStep): Promise<SettleResult> {
    const { delivery, sequence, ackSubject, epoch } = lock.delivery;
    if (step.verb === "renewLock") {
      if (!isRenewable(lock, step)) return "renewal-refused";
      const holdMs = lock.counted ? step.lockMs + COUNT_MARGIN_MS : step.lockMs;
      if (!(await this.#dependencies.writer.hold({ ackSubject }, holdMs))) return "lock-lost";
      view.locks.renew(lock, step.now + step.lockMs);
      return "settled";
    }
    const message = { sequence, ackSubject, certain: epoch === this.#dependencies.epoch() };
    const ending = this.#settle({ queue: view.address, message, read: async () => delivery }, step);
    lock.settling = ending.catch(() => {});
    try {
      await ending;
    } catch (thrown) {
      lock.settling = undefined;
      if (lock.expired) view.noteLost(lock, step.now);
      throw thrown;
    }
    view.locks.end(lock);
    return ending;
  }

  async #settle(subject: Subject, step: Exclude<SettleStep, { verb: "renewLock" }>): Promise<SettleResult> {
    const { writer, addressOf } = this.#dependencies;
    const { queue, message } = subject;
    switch (step.verb) {
      case "acknowledge":
        // The acknowledgement of a consumer is not a write to the stream, but the deletion of the message is.
        return settledIf(await writer.end(queue, step.durable ? { ...message, certain: false } : message));
      case "release": {
        const { now, dueAt, attempt, counted = false } = step;
        if (attempt === undefined && !counted && dueAt <= now) {
          // If the consumer no longer exists, the delivery waits already.
          await writer.hold(message, 0);
          return "settled";
        }
        return this.#rewrite(subject, queue, dueAt > now ? dueAt : undefined, (delivery) =>
          afterAttempt(delivery, step),
        );
      }
      case "reject": {
        const { now, reason, moveTo } = step;
        if (moveTo === undefined) return settledIf(await writer.end(queue, message));
        const dueAt: EpochMs | undefined = moveTo.dueAt > now ? moveTo.dueAt : undefined;
        return this.#rewrite(subject, addressOf(moveTo.queue), dueAt, (delivery) => ({
          ...afterAttempt(delivery, step),
          enqueuedAt: now,
          deadLetterReason: reason,
        }));
      }
      default:
        return assertNever(step);
    }
  }

  async #rewrite(
    { queue, message, read }: Subject,
    to: QueueAddress,
    dueAt: EpochMs | undefined,
    change: (delivery: Delivery) => Delivery,
  ): Promise<SettleResult> {
    const { writer } = this.#dependencies;
    const delivery = await read();
    if (delivery === undefined) return "unknown-token";
    return settledIf(await writer.replace(queue, message, to, await writer.encode(change(delivery), dueAt)));
  }
}

function settledIf(wasThere: boolean): SettleResult {
  return wasThere ? "settled" : "unknown-token";
}
