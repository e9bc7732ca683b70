/** Somebody who reads a stream of events, and the connection to them. */
export interface StreamClient {
  /** Bytes written that the network has not taken yet. */
  readonly bufferedBytes: number;
  /** Writes; `written` is told once, whether the network has taken it. */
  write(text: string, written: (ok: boolean) => void): void;
  /** Ends the connection. Idempotent. */
  end(): void;
}

/** Streams of server-sent events, one for each event subscription that asks for one. */
export interface EventStreams {
  /**
   * Lets a client read the stream of a subscription, from the event after `lastEventId` where that is still kept, and
   * from now on otherwise. The answer takes the client away again. Throws `conflict` where a stream has too many.
   *
   * @param uid of the subscription
   */
  connect(uid: string, client: StreamClient, lastEventId: string | undefined): () => void;
}
