import type { NatsCluster } from "../support/servers/run-nats-cluster.ts";
import { runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import type { Cut, TcpProxy } from "../support/servers/tcp-proxy.ts";

/** A Ringmain that reaches the NATS servers through its own links, and can be killed and restarted. */
export class RingmainNode {
  readonly name: string;
  /** Data folder, kept over restarts. */
  readonly data: string;
  readonly #config: () => object;
  readonly #links: readonly TcpProxy[];
  #running: RunningRingmain | undefined;

  private constructor(name: string, data: string, config: () => object, links: readonly TcpProxy[]) {
    this.name = name;
    this.data = data;
    this.#config = config;
    this.#links = links;
  }

  static async make(name: string, cluster: NatsCluster, config: () => object): Promise<RingmainNode> {
    return new RingmainNode(name, await temporaryFolder(), config, await cluster.clientLinks());
  }

  /** The running process, or `undefined`. */
  get running(): RunningRingmain | undefined {
    return this.#running;
  }

  async start(): Promise<void> {
    const url = `nats://${this.#links.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
    this.#running = await runRingmain({ config: this.#config(), data: this.data, args: ["--store", url] });
  }

  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.kill();
  }

  /** Cuts the links to the given servers. */
  cut(servers: readonly number[], how: Cut): void {
    for (const server of servers) this.#links[server]?.cut(how);
  }

  heal(): void {
    for (const link of this.#links) link.heal();
  }
}
