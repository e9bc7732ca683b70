import type { EventStreams, StreamClient } from "../../ports/event-streams.ts";
import { EventStream } from "./event-stream.ts";

/** The streams of one Ringmain, by the uid of their subscription. A stream is created when it is first needed. */
export class EventStreamHub implements EventStreams {
  readonly #streams = new Map<string, EventStream>();

  connect(uid: string, client: StreamClient, lastEventId: string | undefined): () => void {
    return this.of(uid).connect(client, lastEventId);
  }

  of(uid: string): EventStream {
    const stream = this.#streams.get(uid) ?? new EventStream();
    this.#streams.set(uid, stream);
    return stream;
  }

  /** Ends all clients, because a stopping server would wait for them. */
  end(): void {
    for (const stream of this.#streams.values()) stream.end();
    this.#streams.clear();
  }
}
