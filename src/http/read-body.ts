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

/** A request's body. Its room in the budget is taken until it is released, once. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

/**
 * Reads a publish request's body, never more of it than the limit. Rejects with `payload_too_large`, at once when the
 * request announces too much. By listeners rather than by iteration, which measured 6 µs a request more.
 * Source: [EG-LIMIT-REQUEST]
 */
export function readBody(request: IncomingMessage, budget: BodyBudget): Promise<Body> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers["content-length"] ?? 0);
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (): void => {
      request.off("data", onData).off("end", onEnd).off("error", onBroken).off("close", onBroken);
    };
    const onData = (chunk: Buffer): void => {
      try {
        if (bytes + chunk.byteLength > LIMITS.publishRequestBytes) throw tooLarge();
        budget.take(chunk.byteLength);
        bytes += chunk.byteLength;
        chunks.push(chunk);
      } catch (thrown) {
        give(toError(thrown));
      }
    };
    const onEnd = (): void => {
      stop();
      const [only] = chunks;
      const whole = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes);
      resolve({ bytes: whole, release: () => budget.give(bytes) });
    };
    const give = (error: Error): void => {
      stop();
      budget.give(bytes);
      reject(error);
    };
    const onBroken = (): void => give(new RingmainError("request_timeout", "The request ended before its body did."));
    if (announced > LIMITS.publishRequestBytes) reject(tooLarge());
    else request.on("data", onData).once("end", onEnd).once("error", onBroken).once("close", onBroken);
  });
}

function tooLarge(): RingmainError {
  return new RingmainError("payload_too_large", `The maximum size (${LIMITS.publishRequestBytes}) has been exceeded.`);
}
