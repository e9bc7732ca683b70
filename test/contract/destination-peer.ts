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

/** Handles one request. */
export type Behaviour = (response: ServerResponse, request: PeerRequest) => void;

/** Responds with a status and an empty body. */
export const answers =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ""): Behaviour =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };
/** Reads the request and never responds. */
export const staysSilent: Behaviour = () => {};
/** Reads the request and resets the connection. */
export const resets: Behaviour = (response) => {
  response.socket?.resetAndDestroy();
};
/** Reads the request and closes its half of the connection without a response. */
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

/** A real HTTP server on its own port with a settable behavior. */
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

  /** Returns a base URL on which no server listens. */
  static async closedPort(): Promise<string> {
    const peer = await Peer.start();
    const { origin } = peer;
    await peer.stop();
    return origin;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Returns the latest request. */
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
