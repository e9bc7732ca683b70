import type { Agent } from "node:http";

/** The Blob service behind the proxy. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  readonly agent: Agent;
  /** Maximum time without activity on a connection during a call. */
  readonly idleTimeoutMs: number;
}
