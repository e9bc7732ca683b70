import type { WatchedProcess } from "../measurement/processor-time.ts";

/** A server that events are published to, with the processes that it consists of. */
export interface Server {
  readonly processes: readonly WatchedProcess[];
  readonly port: number;
  readonly stop: () => Promise<void>;
}
