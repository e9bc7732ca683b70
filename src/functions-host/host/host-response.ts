import type { ServerResponse } from "node:http";

/** An HTTP response before it is sent. */
export interface HostResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** Returns a response with a plain text. */
export function textResponse(status: number, body: string): HostResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

/** Sends a response. Throws if it has a header that cannot be sent. */
export function sendResponse(outgoing: ServerResponse, { status, headers = {}, body }: HostResponse): void {
  outgoing.statusCode = status;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  outgoing.end(body);
}
