import type { IncomingMessage } from "node:http";
import { RingmainError, toError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";

/**
 * Bytes of request bodies that may be in memory at one time, all publishers together: what bounds memory when many
 * of them are slow. Who finds no room is told to come back.
 */
export class BodyBudget {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes room, or throws `too_many_requests`. */
  take(bytes: number): void {
    if (this.#usedBytes + bytes > this.#limitBytes) {
      throw new RingmainError(
        "too_many_requests",
        `Request bodies of ${this.#limitBytes} bytes in all are being received already. Send the events again later.`,
      );
    }
    this.#usedBytes += bytes;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

/** What becomes of a body that is read. Either is called, once, and never before `readBody` has returned. */
export interface BodyReader {
  /** The whole of it. Its room in the budget stays taken until whoever gets it gives it back. */
  received(bytes: Uint8Array): void;
  failed(error: Error): void;
}

/**
 * Reads a publish request's body, never more of it than the limit. Throws `payload_too_large` when the request
 * announces too much. By listeners that stay rather than by iteration or a promise: each of those costs microseconds.
 * Source: [EG-LIMIT-REQUEST]
 * Measured in docs/hot-path.md.
 */
export function readBody(request: IncomingMessage, budget: BodyBudget, reader: BodyReader): void {
  if (Number(request.headers["content-length"] ?? 0) > LIMITS.publishRequestBytes) throw tooLarge();
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
      if (bytes + chunk.byteLength > LIMITS.publishRequestBytes) throw tooLarge();
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
    // The listeners live as long as the request.
    chunks.length = 0;
    reader.received(whole);
  });
  // Comes after an error as well, which is none where nobody listens for it.
  request.on("close", () => {
    if (!ended) fail(new RingmainError("request_timeout", "The request ended before its body did."));
  });
}

function tooLarge(): RingmainError {
  return new RingmainError("payload_too_large", `The maximum size (${LIMITS.publishRequestBytes}) has been exceeded.`);
}
