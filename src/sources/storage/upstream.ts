import type { Agent } from "node:http";

/** The Blob service behind the proxy. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  readonly agent: Agent;
  /** How long a connection may show no activity during a call. */
  readonly idleTimeoutMs: number;
}
