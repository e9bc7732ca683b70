import type { IncomingMessage, ServerResponse } from "node:http";
import type { ProblemBody } from "../../listen/http-listener.ts";
import { headerOf } from "./header-of.ts";

/** An error in the form of the Blob service that the proxy itself returns. */
export interface StorageError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  /** RFC 3339 time for the message. */
  readonly time: string;
}

/**
 * Responds in the form of the Blob service: an XML body, with the code in `x-ms-error-code` too. The service's
 * clients understand it and retry after a 503. Does nothing if the client has disconnected.
 * Source: [EG-STORAGE-ERROR]
 */
export function respondWithError(request: IncomingMessage, response: ServerResponse, error: StorageError): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { contentType, body, headers } = errorDocument(error);
  const clientRequestId = headerOf(request, "x-ms-client-request-id");
  response.writeHead(error.status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    ...headers,
    ...(clientRequestId === undefined ? {} : { "x-ms-client-request-id": clientRequestId }),
    ...(mustClose(request) ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
  // Reads the rest of the request, so that a client that writes everything before it reads gets the response.
  request.resume();
}

/** Returns the content of an error response. Source: [EG-STORAGE-ERROR] */
export function errorDocument({ code, message, requestId, time }: StorageError): Required<ProblemBody> {
  const text = `${message}\nRequestId:${requestId}\nTime:${time}`;
  return {
    contentType: "application/xml",
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`,
    headers: { "x-ms-error-code": code, "x-ms-request-id": requestId },
  };
}

/**
 * Returns whether the connection must close: a client that never got 100 Continue does not send the announced body,
 * so the next call could not be told from it.
 */
function mustClose(request: IncomingMessage): boolean {
  return !request.complete && request.headers.expect !== undefined;
}
