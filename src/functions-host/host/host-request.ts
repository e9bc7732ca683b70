import type { IncomingMessage } from "node:http";

/** An HTTP request to the host. */
export interface HostRequest {
  readonly method: string;
  /** The URL as the client sent it. */
  readonly url: URL;
  /** Returns the first value of a header by its lower-case name. */
  header(name: string): string | undefined;
  /** All headers. The values of repeated headers are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Reads the whole body. Rejects with {@link BodyTooLarge} beyond the limit, without buffering more than that. */
  readBody(limitBytes: number): Promise<Buffer>;
}

/** The error for a request body that exceeds its limit. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** Converts a request from the listener, which guarantees that its target is a path and its host valid. */
export function toHostRequest(incoming: IncomingMessage): HostRequest {
  const { method = "GET", url = "/" } = incoming;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return {
    method,
    url: new URL(`http://${headers["host"]}${url}`),
    header: (name) => headers[name],
    headers,
    readBody: (limitBytes) => readBody(incoming, limitBytes),
  };
}

/**
 * Reads the body up to the limit and discards the rest without closing the connection, so that the client gets the
 * response.
 */
function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = (): BodyTooLarge => new BodyTooLarge(`The body may have at most ${limitBytes} bytes`);
  return new Promise((resolve, reject) => {
    if (Number(incoming.headers["content-length"] ?? 0) > limitBytes) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(tooLarge());
      }
    });
    incoming.once("end", () => resolve(Buffer.concat(chunks)));
    incoming.once("error", reject);
    incoming.once("close", () => reject(new Error("The request ended before its body was complete")));
  });
}
