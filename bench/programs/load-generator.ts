/**
 * The load generator in Node, which publishes over raw sockets. Without a rate, each connection sends its next
 * request when it has the response to the last one. With a rate, requests are sent at fixed times, so that a slow
 * server does not delay the clock that it is measured with.
 *
 * Argument: a `Load` as JSON. Prints `ready`. A line with an `Amount` starts it, and gets a reply at the end.
 */
import { connect, type Socket } from "node:net";
import type { Amount, Load } from "../load/load.ts";
import { requestBodies, SENT_AT_PLACEHOLDER } from "../load/request-bodies.ts";
import { processorTimeBetween, readProcessState } from "../measurement/processor-time.ts";
import { readLines, writeLine, type Line } from "./lines.ts";

const load = JSON.parse(process.argv[2] ?? "{}") as Load;

const requests: readonly Buffer[] = requestBodies(load).map((body) =>
  Buffer.from(
    [
      `POST ${load.path} HTTP/1.1`,
      `Host: 127.0.0.1:${load.port}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...Object.entries(load.headers).map(([name, value]) => `${name}: ${value}`),
      "",
      body,
    ].join("\r\n"),
  ),
);

/** Returns the microseconds since the epoch. */
function nowMicros(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}

/** Returns a copy of a request that contains the scheduled sending time in each event. */
function stamped(request: Buffer, dueAt: number): Buffer {
  const copy = Buffer.from(request);
  const stamp = String(dueAt).padStart(SENT_AT_PLACEHOLDER.length, "0");
  for (let at = copy.indexOf(SENT_AT_PLACEHOLDER); at >= 0; at = copy.indexOf(SENT_AT_PLACEHOLDER, at + 1)) {
    copy.write(stamp, at, "latin1");
  }
  return copy;
}

/** A connection on which at most one request waits for its response. */
class Connection {
  readonly #socket: Socket;
  readonly #onResponse: (connection: Connection, status: string) => void;
  #received: Buffer = Buffer.alloc(0);
  #waits = false;

  constructor(socket: Socket, onResponse: (connection: Connection, status: string) => void) {
    this.#socket = socket;
    this.#onResponse = onResponse;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#take(chunk));
    // The response of a waiting request will never arrive.
    socket.on("close", () => {
      if (this.#waits) throw new Error("the server closed a connection before it responded");
    });
  }

  send(request: Buffer): void {
    this.#waits = true;
    this.#socket.write(request);
  }

  end(): void {
    this.#waits = false;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + length) return;
    this.#received = this.#received.subarray(headEnd + 4 + length);
    this.#waits = false;
    this.#onResponse(this, head.slice(9, 12));
  }
}

async function open(onResponse: (connection: Connection, status: string) => void): Promise<Connection[]> {
  const opening = Array.from(
    { length: load.connections },
    () =>
      new Promise<Connection>((resolve, reject) => {
        const socket = connect(load.port, "127.0.0.1", () => resolve(new Connection(socket, onResponse)));
        socket.on("error", reject);
      }),
  );
  return Promise.all(opening);
}

async function run(amount: Amount): Promise<Line> {
  const statuses = new Map<string, number>();
  const limit = "requests" in amount ? amount.requests : Number.POSITIVE_INFINITY;
  const duration = "seconds" in amount ? amount.seconds * 1_000 : Number.POSITIVE_INFINITY;
  const before = await readProcessState(process.pid);
  // Uses connections in turn, so that none stays idle until the server closes it.
  const idle: Connection[] = [];
  let sent = 0;
  let answered = 0;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const connections = await open((connection, status) => {
    answered += 1;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    idle.push(connection);
    if (load.rate === undefined) sendNext();
    if (over() && answered === sent) finish();
  });
  const startedAt = performance.now();
  const over = (): boolean => sent >= limit || performance.now() - startedAt >= duration;
  const sendNext = (dueAt?: number): boolean => {
    const connection = over() ? undefined : idle.shift();
    const request = requests[sent % requests.length];
    if (connection === undefined || request === undefined) return false;
    sent += 1;
    connection.send(dueAt === undefined ? request : stamped(request, dueAt));
    return true;
  };

  idle.push(...connections);
  if (load.rate === undefined) while (sendNext());
  else await sendAtRate(load.rate, over, () => sent, sendNext);
  if (answered < sent) await finished;
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const connection of connections) connection.end();
  const processorTime = processorTimeBetween("load generator (Node)", before, await readProcessState(process.pid));
  return { requests: answered, seconds, statuses: Object.fromEntries(statuses), processorTime };
}

async function sendAtRate(
  rate: number,
  over: () => boolean,
  sent: () => number,
  sendNext: (dueAt: number) => boolean,
): Promise<void> {
  const startedAt = nowMicros();
  while (!over()) {
    const dueAt = Math.round(startedAt + sent() * (1_000_000 / rate));
    if (nowMicros() >= dueAt && sendNext(dueAt)) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

readLines((line) => {
  void run(line as unknown as Amount).then((result) => writeLine({ ...result, replyTo: line["replyTo"] }));
});
writeLine({ event: "ready" });
