import type { EventEnvelope } from "../../../core/event.ts";
import { RingmainError } from "../../../core/errors.ts";
import { decodeEnvelope } from "../../records/stored-envelope.ts";
import { numberKey } from "../file/keys.ts";

/** The parts of a store's file that {@link SharedEvents} reads. */
interface EventFile {
  /** Path of the data file, for messages. */
  readonly path: string;
  get(table: "events", key: Buffer): Buffer | undefined;
}

/** Maximum number of cached events, and the maximum size of each in bytes: 1 MiB in total. */
const MAX_EVENTS = 64;
const MAX_EVENT_BYTES = 16_384;

/**
 * Reads the events that are stored separately from their deliveries, and caches the latest ones: the deliveries of an
 * event are received at about the same time, from several queues. Measured in docs/hot-path.md.
 */
export class SharedEvents {
  readonly #file: EventFile;
  /** Events by number, in the order in which they were read. A number is never used for another event. */
  readonly #events = new Map<number, EventEnvelope>();

  constructor(file: EventFile) {
    this.#file = file;
  }

  /** Returns an event. Throws `internal` if the file lacks it or if it cannot be read. */
  get(number: number): EventEnvelope {
    const kept = this.#events.get(number);
    if (kept !== undefined) return kept;
    const bytes = this.#file.get("events", numberKey(number, 6));
    if (bytes === undefined) {
      throw new RingmainError("internal", `${this.#file.path} lacks event ${number} of a delivery`);
    }
    const event = decodeEnvelope(bytes);
    if (bytes.length <= MAX_EVENT_BYTES) this.#keep(number, event);
    return event;
  }

  #keep(number: number, event: EventEnvelope): void {
    const [oldest] = this.#events.keys();
    if (oldest !== undefined && this.#events.size >= MAX_EVENTS) this.#events.delete(oldest);
    this.#events.set(number, event);
  }
}
