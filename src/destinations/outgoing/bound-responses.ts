import type { buildConnector } from "undici";

/** Bytes that an endpoint may send for one request, everything included. [EG-DELIVERY-RESPONSE] */
const MAX_RESPONSE_BYTES = 262_144;

/** An endpoint sent more for one request than is read. */
export class ResponseTooLargeError extends Error {
  override readonly name = "ResponseTooLargeError";

  constructor() {
    super(`the endpoint sent more than ${MAX_RESPONSE_BYTES} bytes`);
  }
}

type Connected = Parameters<Parameters<buildConnector.connector>[1]>;

/**
 * Bounds what a connection receives for each request, by destroying it with a {@link ResponseTooLargeError}. Bytes on
 * the wire are counted, not those of bodies: informational responses, chunk extensions and lines in front of a response
 * have no end of their own either. For connections without pipelining.
 */
export function boundResponses(open: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    open(options, (...connected: Connected) => {
      if (connected[0] === null) bound(connected[1]);
      callback(...connected);
    });
  };
}

function bound(socket: NonNullable<Connected[1]>): void {
  let sent = 0;
  let receivedBefore = 0;
  let received = 0;
  // Listens before the parser does, which attaches itself once the connection is there.
  socket.on("readable", () => {
    const { bytesWritten, bytesRead } = socket;
    // A request has been written since: what comes now is for that one.
    if (bytesWritten !== sent) {
      sent = bytesWritten;
      receivedBefore = received;
    }
    received = bytesRead;
    if (received - receivedBefore > MAX_RESPONSE_BYTES) socket.destroy(new ResponseTooLargeError());
  });
}
