import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** How a link is cut: connections are reset and new ones refused, or nothing passes and nobody is told. */
export type Cut = "reset" | "stall";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A port that stands in front of another, with a link between them that can be cut. */
export class TcpProxy {
  #target = 0;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  /** Accepted while the link was stalled. */
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

  /** Names the port behind it; a server that starts again may have another. */
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

  /** What was stalled goes on where it stood, as after lost packets have been sent again. */
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
