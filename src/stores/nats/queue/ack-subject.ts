/** The message that an acknowledgement subject names. */
export interface AckedMessage {
  /** The message's number in its stream. */
  readonly sequence: number;
  /** In nanoseconds. Together with the sequence it is unique, even if a stream has lost its latest messages. */
  readonly storedAt: string;
}

/** Number of tokens in the shorter form. */
const SHORT_LENGTH = 9;

/**
 * Reads a message's identity from its acknowledgement subject:
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<time stored>.<pending>`. Newer servers may
 * add a domain and an account before the stream, and a token at the end.
 */
export function readAckSubject(subject: string): AckedMessage {
  const parts = subject.split(".");
  const at = parts.length > SHORT_LENGTH ? 7 : 5;
  return { sequence: Number(parts[at]), storedAt: parts[at + 2] ?? "" };
}
