import type { buildConnector } from "undici";

/** Most bytes that an endpoint may send for one request, in total. [EG-DELIVERY-RESPONSE] */
const MAX_RESPONSE_BYTES = 262_144;

/** Error for an endpoint that sent too many bytes for one request. */
export class ResponseTooLargeError extends Error {
  override readonly name = "ResponseTooLargeError";

  constructor() {
    super(`the endpoint sent more than ${MAX_RESPONSE_BYTES} bytes`);
  }
}

type Connected = Parameters<Parameters<buildConnector.connector>[1]>;

/**
 * Limits the bytes that a connection receives for each request: destroys the connection with a
 * {@link ResponseTooLargeError}. It counts bytes on the wire, not only bodies, because informational responses, chunk
 * extensions and empty lines before a response could be endless, too. Only for connections without pipelining.
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
  // This listener runs before that of the parser, which is added when the connection is open.
  socket.on("readable", () => {
    const { bytesWritten, bytesRead } = socket;
    // A new request has been written, so the following bytes belong to it.
    if (bytesWritten !== sent) {
      sent = bytesWritten;
      receivedBefore = received;
    }
    received = bytesRead;
    if (received - receivedBefore > MAX_RESPONSE_BYTES) socket.destroy(new ResponseTooLargeError());
  });
}
