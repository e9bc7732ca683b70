import type { IncomingMessage } from "node:http";

/** The part of a body that was read. */
export interface ReadBody {
  readonly chunks: readonly Buffer[];
  /** False if the body is longer than the limit. The rest is still in the message. */
  readonly whole: boolean;
}

/**
 * Reads a body up to a limit, or at most one chunk beyond it, and leaves the rest unread. Rejects if the body is cut.
 */
export function readLimitedBody(message: IncomingMessage, limitBytes: number): Promise<ReadBody> {
  return new Promise((resolve, reject) => {
    if (message.destroyed) {
      reject(new Error("the body was cut"));
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (whole: boolean): void => {
      message.off("data", onData).off("end", onEnd).off("error", reject).off("close", onClose);
      resolve({ chunks, whole });
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= limitBytes) return;
      message.pause();
      settle(false);
    };
    const onEnd = (): void => settle(true);
    const onClose = (): void => reject(new Error("the body was cut"));
    message.on("data", onData).once("end", onEnd).once("error", reject).once("close", onClose);
  });
}
