/** Limits on the memory and work that callers can cause in this host. */
export const HOST_LIMITS = {
  /** Concurrent connections. Further connections are closed at once. */
  connections: 4_096,
  /** Bytes of a webhook request. Event Grid's batches stay below 2 MB. */
  webhookBodyBytes: 8_388_608,
  /** Bytes of a request to an HTTP function, as in Azure. */
  httpBodyBytes: 104_857_600,
  /** Concurrent requests of any kind. Further requests get 429. */
  outstandingRequests: 1_000,
  /** Events that functions process at one time. The rest of a batch waits. */
  concurrentEvents: 100,
  /** Blobs that are being read or processed at one time. Each is in memory as a whole. */
  concurrentBlobs: 8,
  /** Blobs that wait. Further events get 503 and are delivered again. */
  waitingBlobs: 10_000,
  /** Bytes of a blob that is passed to a function. */
  blobBytes: 268_435_456,
} as const;
