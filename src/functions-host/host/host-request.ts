import type { IncomingMessage } from "node:http";

/** A request that arrived at the host. */
export interface HostRequest {
  readonly method: string;
  /** As the client addressed it. */
  readonly url: URL;
  /** The first value of a header; the name in lower case. */
  header(name: string): string | undefined;
  /** All headers; repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body; throws {@link BodyTooLarge} beyond the limit, before it is held. */
  readBody(limitBytes: number): Promise<Buffer>;
}

/** A request's body is larger than its reader takes. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** Reads a request that the listener has taken: its target is a path, and its host makes a URL. */
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

/** Reads by listeners that stay: what is beyond the limit is thrown away, so that the client gets to read its answer. */
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
    incoming.once("close", () => reject(new Error("The request ended before its body did")));
  });
}
