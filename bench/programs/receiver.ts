/**
 * The webhook of the benchmarks. Responds with 200, counts events, and records the latency of each since it was sent.
 *
 * Prints `ready` with its port. `{"command":"reset"}` starts over. `{"command":"until","events":N}` gets a reply
 * when N events have arrived since then, or when none has arrived for a while.
 *
 * It searches for markers in the bytes and parses nothing, because it uses the processors that the measured server
 * needs.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { numberIn, readLines, writeLine } from "./lines.ts";

/** Marker that occurs once in each event. */
const EVENT = Buffer.from('"eventTime":');
/** Marker before the scheduled sending time of an event, which has 16 digits. Only in loads with a rate. */
const SENT_AT = Buffer.from('"sentAt":"');
const SENT_AT_DIGITS = 16;
/** Maximum number of recorded latencies. Later events are only counted. */
const LATENCIES = 200_000;
/** Time without an event after which no further events are expected. */
const GIVE_UP_MS = 60_000;

let events = 0;
let firstAt = 0;
let lastAt = 0;
let latencies: number[] = [];
let waiting: { readonly events: number; readonly since: number; readonly replyTo: unknown } | undefined;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
    if (request.headers["aeg-event-type"] === "SubscriptionValidation") {
      response.end(handshakeResponse(body));
      return;
    }
    response.end();
    count(body);
  });
});

function handshakeResponse(body: Buffer): string {
  const [event] = JSON.parse(body.toString()) as { data: { validationCode: string } }[];
  return JSON.stringify({ validationResponse: event?.data.validationCode });
}

function count(body: Buffer): void {
  const now = performance.now();
  if (events === 0) firstAt = now;
  lastAt = now;
  for (let at = body.indexOf(EVENT); at >= 0; at = body.indexOf(EVENT, at + EVENT.length)) events += 1;
  const micros = (performance.timeOrigin + now) * 1_000;
  let at = body.indexOf(SENT_AT);
  while (at >= 0 && latencies.length < LATENCIES) {
    const start = at + SENT_AT.length;
    latencies.push(micros - Number(body.toString("latin1", start, start + SENT_AT_DIGITS)));
    at = body.indexOf(SENT_AT, start + SENT_AT_DIGITS);
  }
  if (waiting !== undefined && events >= waiting.events) reply();
}

function reply(): void {
  if (waiting === undefined) return;
  const sorted = latencies.toSorted((one, other) => one - other);
  const quantile = (share: number): number =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / 1_000;
  writeLine({
    replyTo: waiting.replyTo,
    events,
    seconds: (lastAt - firstAt) / 1_000,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    p999Ms: quantile(0.999),
  });
  waiting = undefined;
}

function reset(): void {
  events = 0;
  latencies = [];
}

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => writeLine({ event: "ready", port: (server.address() as AddressInfo).port }));

readLines((line) => {
  if (line["command"] === "reset") {
    reset();
    writeLine({ replyTo: line["replyTo"] });
    return;
  }
  waiting = { events: numberIn(line, "events"), since: performance.now(), replyTo: line["replyTo"] };
  if (events >= waiting.events) reply();
});

setInterval(() => {
  if (waiting !== undefined && performance.now() - Math.max(lastAt, waiting.since) > GIVE_UP_MS) reply();
}, 1_000);
