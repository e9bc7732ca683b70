import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/**
 * Ways to cut a link: `reset` resets connections and refuses new ones; `stall` stops all data without notifying
 * either side.
 */
export type Cut = "reset" | "stall";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A port in front of another port, with a link between them that can be cut. */
export class TcpProxy {
  #target = 0;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  /** Connections that were accepted while the link was stalled. */
  #held: Socket[] = [];
  #cut: Cut | undefined;

  private constructor() {
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (near) => {
      near.on("error", () => near.destroy());
      if (this.#cut === "reset") near.resetAndDestroy();
      else if (this.#cut === "stall") this.#held.push(near);
      else this.#join(near);
    });
  }

  static async start(): Promise<TcpProxy> {
    const proxy = new TcpProxy();
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sets the target port, which may change when a server restarts. */
  leadTo(port: number): void {
    this.#target = port;
  }

  cut(how: Cut): void {
    this.#cut = how;
    for (const { near, far } of this.#pairs) {
      for (const socket of [near, far]) {
        if (how === "reset") socket.resetAndDestroy();
        else socket.pause();
      }
    }
  }

  /** Restores the link. Stalled data continues, as after lost packets have been retransmitted. */
  heal(): void {
    this.#cut = undefined;
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.resume();
    for (const near of this.#held.splice(0)) this.#join(near);
  }

  async stop(): Promise<void> {
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.destroy();
    for (const near of this.#held.splice(0)) near.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(near: Socket): void {
    const far = connect({ port: this.#target, host: "127.0.0.1", noDelay: true });
    const pair = { near, far };
    this.#pairs.add(pair);
    this.#pass(near, far);
    this.#pass(far, near);
    far.once("close", () => {
      this.#pairs.delete(pair);
      near.destroy();
    });
    near.once("close", () => far.destroy());
    near.resume();
  }

  #pass(from: Socket, to: Socket): void {
    from.on("error", () => from.destroy());
    from.on("data", (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => {
      if (this.#cut !== "stall") from.resume();
    });
    from.on("end", () => to.end());
  }
}
