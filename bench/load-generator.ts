/**
 * Publishes over raw sockets, so that the generator takes as little of the machine as can be. Closed loop: each
 * connection sends its next request when the answer to the last is complete; or, with `rate`, at fixed instants, so
 * that a slow server does not slow the clock it is measured by.
 *
 * Argument: one JSON object, see `Load`. Prints `ready`, waits for a line, runs, prints `done`.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { hear, say } from "./process.ts";

interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Events of one request. */
  readonly events: number;
  /** Bytes of one event. */
  readonly eventBytes: number;
  readonly connections: number;
  /** Requests in all, or until `seconds` are over. */
  readonly requests?: number;
  readonly seconds?: number;
  /** Requests a second; unset means as fast as they are answered. */
  readonly rate?: number;
  /** `eventType` and `subject`; unset means `Bench.Event` and `bench`. */
  readonly eventType?: string;
  readonly subject?: string;
}

const load = JSON.parse(process.argv[2] ?? "{}") as Load;
/** Stands where the sending instant, in microseconds since the epoch, is written into each request. */
const STAMP = "0000000000000000";

function body(): string {
  const event = {
    id: "00000000-0000-4000-8000-000000000000",
    subject: load.subject ?? "bench",
    eventType: load.eventType ?? "Bench.Event",
    eventTime: "2026-01-01T00:00:00.000Z",
    dataVersion: "1.0",
    data: { sentAt: STAMP, filler: "" },
  };
  const missing = load.eventBytes - JSON.stringify(event).length;
  event.data.filler = "x".repeat(Math.max(0, missing));
  return JSON.stringify(Array.from({ length: load.events }, () => event));
}

const text = body();
const head = [
  `POST ${load.path} HTTP/1.1`,
  `Host: 127.0.0.1:${load.port}`,
  "Content-Type: application/json",
  `Content-Length: ${Buffer.byteLength(text)}`,
  ...Object.entries(load.headers).map(([name, value]) => `${name}: ${value}`),
  "",
  "",
].join("\r\n");
const request = Buffer.from(head + text);
const stampAt: number[] = [];
for (let at = request.indexOf(STAMP); at >= 0; at = request.indexOf(STAMP, at + 1)) stampAt.push(at);

/** Microseconds since the epoch, as text of fixed width. */
function nowMicros(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}

type OnAnswer = (connection: Connection, status: number, sentAt: number) => void;

class Connection {
  readonly #socket: Socket;
  readonly #onAnswer: OnAnswer;
  #received: Buffer = Buffer.alloc(0);
  #sentAt = 0;
  #waits = false;
  readonly #request = Buffer.from(request);

  constructor(socket: Socket, onAnswer: OnAnswer) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#take(chunk));
    // The answer would be waited for for ever.
    socket.on("close", () => {
      if (!this.#waits) return;
      say({ event: "done", statuses: { broken: 1 } });
      process.exit(1);
    });
  }

  send(dueAt: number): void {
    this.#sentAt = dueAt;
    this.#waits = true;
    const stamp = String(dueAt).padStart(STAMP.length, "0");
    for (const at of stampAt) this.#request.write(stamp, at, "latin1");
    this.#socket.write(this.#request);
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const answerHead = this.#received.toString("latin1", 0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(answerHead)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + length) return;
    this.#received = this.#received.subarray(headEnd + 4 + length);
    this.#waits = false;
    this.#onAnswer(this, Number(answerHead.slice(9, 12)), this.#sentAt);
  }
}

async function open(onAnswer: OnAnswer): Promise<Connection[]> {
  const opening = Array.from(
    { length: load.connections },
    () =>
      new Promise<Connection>((resolve, reject) => {
        const socket = connect(load.port, "127.0.0.1", () => resolve(new Connection(socket, onAnswer)));
        socket.on("error", reject);
      }),
  );
  return Promise.all(opening);
}

async function run(): Promise<void> {
  const latencies: number[] = [];
  const statuses = new Map<number, number>();
  const limit = load.requests ?? Number.POSITIVE_INFINITY;
  let sent = 0;
  let answered = 0;
  let endAt = Number.POSITIVE_INFINITY;
  const idle: Connection[] = [];
  const end = new AbortController();
  const finished = once(end.signal, "abort");

  const over = (): boolean => sent >= limit || performance.now() >= endAt;
  const onAnswer = (connection: Connection, status: number, sentAt: number): void => {
    answered += 1;
    latencies.push(nowMicros() - sentAt);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (over()) {
      if (answered === sent) end.abort();
    } else if (load.rate === undefined) {
      sent += 1;
      connection.send(nowMicros());
    } else idle.push(connection);
  };

  const connections = await open(onAnswer);
  say({ event: "ready" });
  await new Promise<void>((resolve) => hear(() => resolve()));
  const startedAt = performance.now();
  if (load.seconds !== undefined) endAt = startedAt + load.seconds * 1_000;
  if (load.rate === undefined) {
    for (const connection of connections) {
      if (over()) break;
      sent += 1;
      connection.send(nowMicros());
    }
  } else {
    idle.push(...connections);
    const startMicros = nowMicros();
    const interval = 1_000_000 / load.rate;
    while (!over()) {
      const dueAt = Math.round(startMicros + sent * interval);
      const connection = nowMicros() >= dueAt ? idle.pop() : undefined;
      if (connection === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        continue;
      }
      sent += 1;
      connection.send(dueAt);
    }
    if (answered === sent) end.abort();
  }
  await finished;
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const connection of connections) connection.end();
  latencies.sort((one, other) => one - other);
  const quantile = (share: number): number =>
    (latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0) / 1_000;
  say({
    event: "done",
    requests: answered,
    events: answered * load.events,
    seconds,
    perSecond: answered / seconds,
    statuses: Object.fromEntries(statuses),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    p999Ms: quantile(0.999),
    maxMs: quantile(1),
  });
}

await run();
process.exit(0);
