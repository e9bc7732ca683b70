/**
 * Reads where the server wants to hear of a message's end, which says what the message is:
 * `$JS.ACK.<stream>.<consumer>.<times given out>.<sequence>.<consumer's sequence>.<time stored>.<left>`; newer servers
 * may put a domain and an account before the stream, and a token behind.
 */
export interface AckedMessage {
  /** The message's number in its stream. */
  readonly sequence: number;
  /** In nanoseconds; with the number it is unlike any other message's, also of a stream that lost its end. */
  readonly storedAt: string;
}

/** Tokens of the shorter form. */
const SHORT_LENGTH = 9;

export function readAckSubject(subject: string): AckedMessage {
  const parts = subject.split(".");
  const at = parts.length > SHORT_LENGTH ? 7 : 5;
  return { sequence: Number(parts[at]), storedAt: parts[at + 2] ?? "" };
}
