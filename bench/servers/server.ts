import type { WatchedProcess } from "../measurement/processor-time.ts";

/** A server that events are published to, with the processes that its processor time is spent in. */
export interface Server {
  readonly processes: readonly WatchedProcess[];
  readonly port: number;
  readonly stop: () => Promise<void>;
}
