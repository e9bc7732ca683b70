/** A client that reads a stream of events over a connection. */
export interface StreamClient {
  /** Number of written bytes that the network has not accepted yet. */
  readonly bufferedBytes: number;
  /** Writes a text. Calls `written` once, with whether the network has accepted the text. */
  write(text: string, written: (ok: boolean) => void): void;
  /** Ends the connection. Idempotent. */
  end(): void;
}

/** Streams of server-sent events, one for each event subscription that asks for one. */
export interface EventStreams {
  /**
   * Connects a client to the stream of a subscription. It receives the events after `lastEventId` if these are
   * still kept, otherwise only new events. Returns a function that disconnects the client. Throws `conflict` if the
   * stream has too many clients.
   *
   * @param uid `uid` of the subscription
   */
  connect(uid: string, client: StreamClient, lastEventId: string | undefined): () => void;
}
