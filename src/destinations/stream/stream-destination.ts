import { Buffer } from "node:buffer";
import { encodeEvent } from "../../codec/encode/encode-event.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { Destination } from "../../ports/destination.ts";
import { attempt } from "../outgoing/attempt.ts";
import { oneByOne } from "../push/one-by-one.ts";
import type { EventStreamHub } from "./event-stream-hub.ts";

/** Opens a destination that writes each event to the clients of the subscription's stream. Source: [EG-STREAM] */
export function openStream(
  hub: EventStreamHub,
  timeoutMs: number,
  { uid, name, eventDeliverySchema }: Subscriber,
): Destination {
  const shown = `Writing to the stream '${name}'`;
  return {
    waitsForReaders: true,
    deliver: oneByOne(async ({ event }, _now, signal) => {
      const json = Buffer.from(encodeEvent(event, eventDeliverySchema)).toString();
      const text = serverSentEvent(event.systemId, json);
      return attempt({ shown, timeoutMs, signal, late: "no client received it" }, (over) =>
        hub.of(uid).send({ id: event.systemId, text }, over),
      );
    }),
    close: async () => {},
  };
}

/** Returns a server-sent event. Each line of the JSON text becomes a data line, and the client joins them again. */
function serverSentEvent(id: string, json: string): string {
  const data = json.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `id: ${id}\n${data.join("")}\n`;
}
