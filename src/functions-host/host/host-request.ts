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

/** Reads what node has of a request; nothing when its address makes no URL. */
export function toHostRequest(incoming: IncomingMessage): HostRequest | undefined {
  const host = incoming.headers.host ?? "localhost";
  const target = incoming.url ?? "/";
  const address = target.startsWith("/") ? `http://${host}${target}` : target;
  if (!URL.canParse(address)) return undefined;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return {
    method: incoming.method ?? "GET",
    url: new URL(address),
    header: (name) => headers[name],
    headers,
    readBody: (limitBytes) => readBody(incoming, limitBytes),
  };
}

async function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = (): BodyTooLarge => new BodyTooLarge(`The body may have at most ${limitBytes} bytes`);
  if (Number(incoming.headers["content-length"] ?? 0) > limitBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
