import { RingmainError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { SECOND_MS, type EpochMs } from "./time.ts";

interface Usage {
  events: number;
  bytes: number;
}

/**
 * Limits the events and bytes that each topic accepts in one second of the clock. Memory is bounded by the number
 * of topics that accepted events in the current second. Source: [EG-LIMIT-RATE]
 */
export class IngressLimit {
  #second = Number.NaN;
  readonly #accepted = new Map<string, Usage>();

  /**
   * Counts a request, or throws `too_many_requests` and counts nothing.
   * @param topicId id of the topic, always in the same case
   * @param bytes length of the request's body
   */
  take(topicId: string, events: number, bytes: number, now: EpochMs): void {
    const second = Math.floor(now / SECOND_MS);
    // True also if the clock was set back.
    if (second !== this.#second) {
      this.#second = second;
      this.#accepted.clear();
    }
    const accepted = this.#accepted.get(topicId) ?? { events: 0, bytes: 0 };
    if (accepted.events + events > LIMITS.eventsPerSecond) throw exceeded(`${LIMITS.eventsPerSecond} events`);
    if (accepted.bytes + bytes > LIMITS.bytesPerSecond) throw exceeded(`${LIMITS.bytesPerSecond} bytes`);
    accepted.events += events;
    accepted.bytes += bytes;
    this.#accepted.set(topicId, accepted);
  }
}

function exceeded(limit: string): RingmainError {
  return new RingmainError(
    "too_many_requests",
    `The limit of ${limit} per second has been exceeded. Send the events again later, or set 'limits: relaxed'.`,
  );
}
