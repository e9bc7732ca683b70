import { toError } from "../../src/core/errors.ts";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import type { EventSink, SystemEvent } from "../../src/ports/event-source.ts";
import { SILENT_LOGGER } from "../../src/ports/logger.ts";
import {
  createStorageSource,
  type StorageSource,
  type StorageSourceLimits,
} from "../../src/sources/storage/storage-source.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";

const stops: (() => Promise<void>)[] = [];

/** Stops everything that was started here, the most recent first. */
export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).toReversed()) await stop();
}

/** A promise with the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

export function deferred<T = void>(): Deferred<T> {
  let settle: ((value: T) => void) | undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle?.(value) };
}

/** A storage source of the account `acc`, in front of the test's own server. */
export interface Proxy {
  readonly port: number;
  readonly source: StorageSource;
  readonly events: SystemEvent[];
  readonly clock: ManualClock;
}

export async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return address.port;
}

export async function startUpstream(
  listener: (...exchange: Parameters<RequestListener>) => unknown,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    Promise.resolve(listener(request, response)).catch((thrown: unknown) => response.destroy(toError(thrown)));
  });
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, port: await portOf(server) };
}

export async function startProxy(
  port: number,
  limits: Partial<StorageSourceLimits> = {},
  sink?: EventSink,
): Promise<Proxy> {
  const events: SystemEvent[] = [];
  const clock = new ManualClock();
  const source = createStorageSource({
    upstream: { host: "127.0.0.1", port },
    listen: { host: "127.0.0.1", port: 0 },
    clock,
    random: {
      next: () => 0.5,
      uuid: () => "00000000-0000-4000-8000-000000000000",
      secretBytes: (bytes) => new Uint8Array(bytes).fill(0xab),
    },
    logger: SILENT_LOGGER,
    limits,
  });
  const publish = (_: string, published: readonly SystemEvent[]): Promise<void> => {
    events.push(...published);
    return Promise.resolve();
  };
  await source.start(sink ?? { publishSystemEvents: publish });
  source.watch({ name: "acc", key: "a2V5", sourceId: "/subscriptions/s", urlForm: "production" });
  stops.push(() => source.stop());
  return { port: source.address.port, source, events, clock };
}

/** Sends bytes. Resolves with everything received until the connection ends. */
export async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

export async function readUntil(socket: Socket, found: (text: string) => boolean): Promise<string> {
  let text = "";
  while (!found(text)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += chunk.toString();
  }
  return text;
}

export async function drain(message: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of message) body += String(chunk);
  return body;
}
