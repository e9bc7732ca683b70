import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** A request as its bytes are sent, without checks or additions. */
export interface RawRequest {
  readonly port: number;
  readonly tls: boolean;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** A response; status 0 if the connection ended without one. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Beginning of the body. */
  readonly text: string;
  readonly ms: number;
}

const KEPT_BODY_BYTES = 4_096;
const NO_BODY = new Set([204, 304]);

/** Opens a connection. Accepts a self-signed certificate. */
export function openSocket(port: number, tls: boolean): Socket {
  const socket = tls ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }) : connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  // The response shows the effect of a request on its connection.
  socket.on("error", () => {});
  return socket;
}

/** Returns the bytes of a request, with its length unless a header states it. */
export function requestBytes({ method, target, headers, body }: Omit<RawRequest, "port" | "tls">): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const framed = headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
  if (!framed && (body.length > 0 || method === "POST" || method === "PUT" || method === "PATCH")) {
    lines.push(`content-length: ${body.length}\r\n`);
  }
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), body]);
}

/** Sends requests over one connection to each port, which is kept while the server keeps it. */
export class HttpClient {
  readonly #sockets = new Map<string, Socket>();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a request. Rejects if its response is not complete in time. For a stream of events, the head is enough. */
  async send(request: RawRequest): Promise<RawResponse> {
    const key = `${request.port} ${request.tls}`;
    const kept = this.#sockets.get(key);
    const socket =
      kept !== undefined && !kept.destroyed && kept.writable ? kept : openSocket(request.port, request.tls);
    this.#sockets.set(key, socket);
    const startedAt = performance.now();
    const reader = new ResponseReader(request.method);
    const { status, headers, text, reusable } = await this.#exchange(socket, requestBytes(request), reader);
    if (!reusable) socket.destroy();
    // The server closed the kept connection while the request was on its way. It is sent again once on a new one.
    if (status === 0 && kept === socket) {
      this.#sockets.delete(key);
      return this.send(request);
    }
    return { status, headers, text, ms: performance.now() - startedAt };
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #exchange(socket: Socket, bytes: Buffer, reader: ResponseReader): Promise<Read> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        socket.off("data", onData).off("close", onClose);
        settle();
      };
      const timer = setTimeout(() => {
        socket.destroy();
        end(() => reject(new Error(`no complete response within ${this.#timeoutMs} ms`)));
      }, this.#timeoutMs);
      const onData = (chunk: Buffer): void => {
        reader.take(chunk);
        if (reader.complete) end(() => resolve(reader.read()));
      };
      const onClose = (): void => end(() => resolve(reader.read()));
      socket.on("data", onData).on("close", onClose);
      socket.write(bytes);
    });
  }
}

interface Read extends Omit<RawResponse, "ms"> {
  readonly reusable: boolean;
}

/** Parses one response from the data of a connection. */
class ResponseReader {
  readonly #method: string;
  #bytes: Buffer = Buffer.alloc(0);
  #status = 0;
  #headers: Record<string, string> = {};
  #bodyAt = -1;
  complete = false;

  constructor(method: string) {
    this.#method = method;
  }

  take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bodyAt < 0) {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#readHead(this.#bytes.subarray(0, end).toString("latin1"));
      if (this.#status >= 200) this.#bodyAt = end + 4;
      else this.#bytes = this.#bytes.subarray(end + 4);
    }
    this.complete = this.#isComplete(this.#bytes.subarray(this.#bodyAt));
  }

  read(): Read {
    const headers = this.#headers;
    const text = this.#bodyAt < 0 ? "" : this.#bytes.subarray(this.#bodyAt, this.#bodyAt + KEPT_BODY_BYTES).toString();
    const reusable = this.complete && headers["connection"]?.toLowerCase() !== "close" && !isStream(headers);
    return { status: this.#status, headers, text, reusable };
  }

  #readHead(head: string): void {
    const [first = "", ...lines] = head.split("\r\n");
    this.#status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
    this.#headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
  }

  #isComplete(body: Buffer): boolean {
    const { "content-length": length, "transfer-encoding": encoding } = this.#headers;
    if (this.#method === "HEAD" || NO_BODY.has(this.#status) || isStream(this.#headers)) return true;
    if (length !== undefined) return body.length >= Number(length);
    if (encoding === "chunked") return body.subarray(-5).toString("latin1") === "0\r\n\r\n";
    return false;
  }
}

function isStream({ "content-type": type = "" }: Readonly<Record<string, string>>): boolean {
  return type.startsWith("text/event-stream");
}
