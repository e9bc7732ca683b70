import type { IncomingMessage } from "node:http";
import { RingmainError, toError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";

/**
 * The number of bytes that request bodies of all publishers may use at one time. It limits memory when many
 * publishers are slow. A publisher that exceeds it is asked to retry.
 */
export class BodyBudget {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Reserves room for bytes. Throws `too_many_requests` if there is not enough. */
  take(bytes: number): void {
    if (this.#usedBytes + bytes > this.#limitBytes) {
      throw new RingmainError(
        "too_many_requests",
        `The limit of ${this.#limitBytes} bytes for all request bodies in memory has been reached. Send the events again later.`,
      );
    }
    this.#usedBytes += bytes;
  }

  /** Releases room. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

/** Limits of a body that {@link readBytes} reads. */
export interface BodyLimits {
  readonly budget: BodyBudget;
  readonly limitBytes: number;
  /** Message for the client if the body is larger than `limitBytes`. */
  readonly tooLarge: string;
}

/** Receives the result of reading a body. One of the methods is called once, after `readBody` has returned. */
export interface BodyReader {
  /** Called with the whole body. Its room in the budget stays reserved; the reader must release it with `give`. */
  received(bytes: Uint8Array): void;
  /** Called if the body could not be read. Its room has been released. */
  failed(error: Error): void;
}

/**
 * Reads a publish request's body up to the limit. Throws `payload_too_large` if the request announces more. Uses
 * listeners instead of iteration or promises, each of which costs microseconds. Source: [EG-LIMIT-REQUEST]
 * Measured in docs/hot-path.md.
 */
export function readBody(request: IncomingMessage, budget: BodyBudget, reader: BodyReader): void {
  if (Number(request.headers["content-length"] ?? 0) > LIMITS.publishRequestBytes) throw publishTooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  const fail = (error: Error): void => {
    ended = true;
    budget.give(bytes);
    reader.failed(error);
  };
  request.on("data", (chunk: Buffer) => {
    if (ended) return;
    try {
      if (bytes + chunk.byteLength > LIMITS.publishRequestBytes) throw publishTooLarge();
      budget.take(chunk.byteLength);
      bytes += chunk.byteLength;
      chunks.push(chunk);
    } catch (thrown) {
      fail(toError(thrown));
    }
  });
  request.on("end", () => {
    if (ended) return;
    ended = true;
    const [only] = chunks;
    const whole = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes);
    // The listeners live as long as the request and would keep the chunks.
    chunks.length = 0;
    reader.received(whole);
  });
  // Also emitted after an error, whose own event has no listener.
  request.on("close", () => {
    if (!ended) fail(brokenOff());
  });
}

/**
 * Reads the body of any request that does not publish. Rejects with `payload_too_large`, with `too_many_requests` if the
 * budget is used up, or with `request_timeout` if the client broke off: that is no failure of Ringmain. The room in the
 * budget is released when the body has been read.
 */
export async function readBytes(request: Request, { budget, limitBytes, tooLarge }: BodyLimits): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) {
    throw new RingmainError("payload_too_large", tooLarge);
  }
  try {
    for await (const chunk of request.body ?? []) {
      if (bytes + chunk.byteLength > limitBytes) throw new RingmainError("payload_too_large", tooLarge);
      budget.take(chunk.byteLength);
      bytes += chunk.byteLength;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
  } catch (thrown) {
    // Any other error is one of the connection.
    throw thrown instanceof RingmainError ? thrown : brokenOff(thrown);
  } finally {
    budget.give(bytes);
  }
}

function brokenOff(cause?: unknown): RingmainError {
  return new RingmainError("request_timeout", "The request ended before its body was complete.", { cause });
}

function publishTooLarge(): RingmainError {
  return new RingmainError("payload_too_large", `The maximum size (${LIMITS.publishRequestBytes}) has been exceeded.`);
}
