/**
 * The webhook of the benchmarks: answers 200, counts events, and keeps how long each took from being sent.
 * Prints `ready` with its port. A line `{"until": N}` makes it print `reached` once it has counted N events since the
 * last reset; `{"reset": true}` starts over; `{"report": true}` prints `report`.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hear, say } from "./process.ts";

let events = 0;
let requests = 0;
let firstAt = 0;
let until = Number.POSITIVE_INFINITY;
let latencies: number[] = [];

interface BenchEvent {
  readonly data: { readonly sentAt?: string; readonly validationCode?: string };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const batch = JSON.parse(Buffer.concat(chunks).toString()) as BenchEvent[];
    if (request.headers["aeg-event-type"] === "SubscriptionValidation") {
      response.end(JSON.stringify({ validationResponse: batch[0]?.data.validationCode }));
      return;
    }
    response.end();
    count(batch);
  });
});

function count(batch: readonly BenchEvent[]): void {
  const now = (performance.timeOrigin + performance.now()) * 1_000;
  if (events === 0) firstAt = performance.now();
  events += batch.length;
  requests += 1;
  for (const { data } of batch) {
    if (data.sentAt !== undefined && latencies.length < 200_000) latencies.push(now - Number(data.sentAt));
  }
  if (events < until) return;
  until = Number.POSITIVE_INFINITY;
  say({ event: "reached", events, requests, seconds: (performance.now() - firstAt) / 1_000 });
}

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => say({ event: "ready", port: (server.address() as AddressInfo).port }));

hear((message) => {
  if (message["reset"] === true) {
    events = 0;
    requests = 0;
    latencies = [];
    say({ event: "reset", token: message["token"] });
  }
  if (typeof message["until"] === "number") until = message["until"];
  if (message["report"] === true) {
    const sorted = latencies.toSorted((one, other) => one - other);
    const quantile = (share: number): number =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / 1_000;
    say({
      event: "report",
      token: message["token"],
      events,
      requests,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      p999Ms: quantile(0.999),
    });
  }
});
