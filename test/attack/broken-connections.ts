import type { Socket } from "node:net";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import { openSocket } from "./http-client.ts";

/** A port with the form of a complete request to it. */
export interface Listener {
  readonly port: number;
  readonly tls: boolean;
  /** A target that accepts a body. */
  readonly target: string;
  /** Time in which it closes a broken connection; `undefined` if a silent client may stay for long. */
  readonly closesWithinMs: number | undefined;
}

/** Breaks off a request in one way. The server must then close the connection, unless the client has. */
type Break = (socket: Socket, listener: Listener, random: SeededRandom) => void;

const head = ({ target, port }: Listener, length: number | string): string =>
  `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
const chunkedHead = ({ target, port }: Listener, encoding: string): string =>
  `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ntransfer-encoding: ${encoding}\r\n\r\n`;

/** Resets the connection; with TLS, Node can only destroy it. */
function reset(socket: Socket, { tls }: Listener): void {
  if (tls) socket.destroy();
  else socket.resetAndDestroy();
}

/** Ways to break off a request, by a name for failure messages. */
export const BREAKS: Readonly<Record<string, Break>> = {
  "nothing sent": () => {},
  "one byte": (socket, _listener, random) => void socket.write(random.pick(["P", "\x16", "\0", "\n", "\u00ff"])),
  "half a head": (socket, listener, random) => {
    const text = head(listener, 100);
    socket.write(text.slice(0, 1 + random.below(text.length - 2)));
  },
  "half a body": (socket, listener) => void socket.write(`${head(listener, 1_000)}[{"id":`),
  "no body": (socket, listener) => void socket.write(head(listener, 1_000)),
  "an endless chunk": (socket, listener) => void socket.write(`${chunkedHead(listener, "chunked")}fffff\r\n[`),
  "a chunk without a size": (socket, listener) => void socket.write(`${chunkedHead(listener, "chunked")}zz\r\n`),
  "a chunk of impossible size": (socket, listener) =>
    void socket.write(`${chunkedHead(listener, "chunked")}ffffffffffffffffff\r\n`),
  "another transfer encoding": (socket, listener) =>
    void socket.write(`${chunkedHead(listener, "gzip, chunked")}5\r\nabcde\r\n`),
  "both framings": (socket, listener) =>
    void socket.write(`${head(listener, 5).trimEnd()}\r\ntransfer-encoding: chunked\r\n\r\n`),
  "a negative length": (socket, listener) => void socket.write(head(listener, "-1")),
  "two lengths": (socket, listener) => void socket.write(`${head(listener, 5).trimEnd()}\r\ncontent-length: 6\r\n\r\n`),
  "a head without end": (socket, { target }) =>
    void socket.write(`GET ${target} HTTP/1.1\r\n${"x-filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(1_000)}`),
  "a wrong version": (socket, { target }) => void socket.write(`GET ${target} HTTP/9.9\r\nhost: x\r\n\r\n`),
  "HTTP/2": (socket) => void socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  "a tunnel": (socket) => void socket.write("CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: 127.0.0.1:22\r\n\r\n"),
  "a client that waits to be told to continue": (socket, listener) =>
    void socket.write(`${head(listener, 5).trimEnd()}\r\nexpect: 100-continue\r\n\r\n`),
  "half a TLS handshake": (socket) => void socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])),
  "no protocol": (socket, _listener, random) =>
    void socket.write(Buffer.from(Array.from({ length: 1 + random.below(500) }, () => random.below(256)))),
  "a reset in a body": (socket, listener) => {
    socket.write(`${head(listener, 1_000)}[{`, () => reset(socket, listener));
  },
  "a reset in a head": (socket, listener) => {
    socket.write("POST /", () => reset(socket, listener));
  },
  "an end in a body": (socket, listener) => void socket.end(`${head(listener, 1_000)}[{`),
  "an end in a head": (socket) => void socket.end("POST /topics"),
  "an end at once": (socket) => void socket.end(),
  "responses that nobody reads": (socket, { port }) => {
    socket.pause();
    const request = `GET /ringmain/subscriptions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;
    socket.write(request.repeat(200), () => socket.end());
  },
  "a request behind a broken one": (socket, listener) =>
    void socket.write(`${chunkedHead(listener, "chunked")}zz\r\n${head(listener, 2)}[]`),
};

/** A connection that the server did not close in time. */
export interface LeftOpen {
  readonly how: string;
  readonly listener: Listener;
}

/** Additional time for a busy machine. */
const LATE_END_MS = 6_000;
/** Time after which clients leave if they may stay silent. */
const STAYING_MS = 1_000;

/**
 * Opens a connection, breaks off a request on it, and waits for its end.
 * @returns the connection if it was left open too long; otherwise `undefined`
 */
export function breakOff(listener: Listener, random: SeededRandom): Promise<LeftOpen | undefined> {
  const { port, tls, closesWithinMs } = listener;
  const how = random.pick(Object.keys(BREAKS));
  const socket = openSocket(port, tls);
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = (): void => {
      socket.destroy();
      resolve(closesWithinMs === undefined ? undefined : { how, listener });
    };
    socket.resume();
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    socket.once(tls ? "secureConnect" : "connect", () => {
      BREAKS[how]?.(socket, listener, random);
      timer = setTimeout(() => {
        // A client that did not read notices only now that the connection was closed.
        socket.resume();
        timer = setTimeout(leave, LATE_END_MS);
      }, closesWithinMs ?? STAYING_MS);
    });
  });
}
