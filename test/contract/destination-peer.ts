import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as it arrived. */
export interface PeerRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a peer does with a request. */
export type Behaviour = (response: ServerResponse, request: PeerRequest) => void;

/** Answers with a status and nothing else. */
export const answers =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ""): Behaviour =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };
/** Takes the request and never answers. */
export const staysSilent: Behaviour = () => {};
/** Takes the request and resets the connection. */
export const resets: Behaviour = (response) => {
  response.socket?.resetAndDestroy();
};
/** Takes the request and closes its half of the connection, without an answer. */
export const hangsUp: Behaviour = (response) => {
  response.socket?.end();
};
/** Announces a body and never finishes it. */
export const neverFinishes =
  (status: number): Behaviour =>
  (response) => {
    response.writeHead(status, { "content-length": "100" });
    response.write("unfinished");
  };
/** Announces a body and resets the connection in the middle of it. */
export const breaksOff =
  (status: number): Behaviour =>
  (response) => {
    response.writeHead(status, { "content-length": "100" });
    response.write("unfinished", () => response.socket?.resetAndDestroy());
  };

/** A real HTTP server on a port of its own that behaves as it is told to. */
export class Peer {
  readonly requests: PeerRequest[] = [];
  behaviour: Behaviour;
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  private constructor(behaviour: Behaviour) {
    this.behaviour = behaviour;
    this.#server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const { method = "", url = "", headers } = incoming;
        const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
        this.requests.push(request);
        for (const wake of this.#waiting.splice(0)) wake();
        this.behaviour(response, request);
      });
    });
  }

  static async start(behaviour: Behaviour = answers(200)): Promise<Peer> {
    const peer = new Peer(behaviour);
    peer.#server.listen(0, "127.0.0.1");
    await once(peer.#server, "listening");
    return peer;
  }

  /** A base URL on which nobody listens. */
  static async closedPort(): Promise<string> {
    const peer = await Peer.start();
    const { origin } = peer;
    await peer.stop();
    return origin;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The latest request. */
  get last(): PeerRequest {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error("Nothing was received.");
    return request;
  }

  /** Resolves when the next request has arrived. */
  async nextRequest(): Promise<void> {
    await new Promise<void>((wake) => this.#waiting.push(wake));
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
