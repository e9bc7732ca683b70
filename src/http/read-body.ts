import type { IncomingMessage } from "node:http";
import { RingmainError } from "../core/errors.ts";
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

/** A request's body. Its room in the budget is taken until it is released, once. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

/**
 * Reads a publish request's body, never more of it than the limit. Throws `payload_too_large`, at once when the
 * request announces too much. Source: [EG-LIMIT-REQUEST]
 */
export async function readBody(request: IncomingMessage, budget: BodyBudget): Promise<Body> {
  const limit = LIMITS.publishRequestBytes;
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limit) throw tooLarge();
  let taken = 0;
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      if (bytes > limit) throw tooLarge();
      budget.take(chunk.byteLength);
      taken += chunk.byteLength;
      chunks.push(chunk);
    }
    const [only] = chunks;
    const whole = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes);
    return { bytes: whole, release: () => budget.give(taken) };
  } catch (thrown) {
    budget.give(taken);
    throw thrown;
  }
}

function tooLarge(): RingmainError {
  return new RingmainError("payload_too_large", `The maximum size (${LIMITS.publishRequestBytes}) has been exceeded.`);
}
