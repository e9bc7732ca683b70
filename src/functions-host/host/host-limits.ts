/** Bounds of this host's own: what one caller can make it hold or do. */
export const HOST_LIMITS = {
  /** Connections at one time; further ones are closed at once. */
  connections: 4_096,
  /** A request to a webhook: Event Grid's batches stay below 2 MB. */
  webhookBodyBytes: 8_388_608,
  /** A request to an HTTP function, as in Azure. */
  httpBodyBytes: 104_857_600,
  /** Requests under way, of every kind; the next is answered 429. */
  outstandingRequests: 1_000,
  /** Events that functions are working on; the others of a batch wait. */
  concurrentEvents: 100,
  /** Blobs that are being read or worked on; each is in memory as a whole. */
  concurrentBlobs: 8,
  /** Blobs that wait; the next event is answered 503, and comes again. */
  waitingBlobs: 10_000,
  /** A blob that is handed to a function. */
  blobBytes: 268_435_456,
} as const;
