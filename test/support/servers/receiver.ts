import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** One request with events. */
export interface ReceivedRequest {
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
  readonly at: number;
}

/** A webhook on its own port that accepts handshakes and returns a settable status for events. */
export class Receiver {
  readonly requests: ReceivedRequest[] = [];
  readonly validations: ReceivedRequest[] = [];
  /** Requests about the deletion of a subscription. */
  readonly deletions: ReceivedRequest[] = [];
  /** Returns the status for a request with events. */
  answer: (request: ReceivedRequest) => number | Promise<number> = () => 200;
  readonly #server: Server;
  #waiting: { readonly enough: () => boolean; readonly done: () => void }[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((thrown: unknown) => {
        response.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
      });
    });
  }

  static async start(port = 0): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(port, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/events`;
  }

  /** Every received event, whatever the status returned. */
  get events(): Record<string, unknown>[] {
    return this.requests.flatMap(({ body }) => (Array.isArray(body) ? body : [body]) as Record<string, unknown>[]);
  }

  /** Resolves once `enough` returns true. Checked after each request. */
  async until(enough: () => boolean): Promise<void> {
    if (enough()) return;
    await new Promise<void>((done) => this.#waiting.push({ enough, done }));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === "OPTIONS") {
      response.writeHead(200, { "WebHook-Allowed-Origin": "*" }).end();
      return;
    }
    const received = {
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
      at: Date.now(),
    };
    if (request.headers["aeg-event-type"] === "SubscriptionValidation") {
      this.validations.push(received);
      const [event] = received.body as { data: { validationCode: string } }[];
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ validationResponse: event?.data.validationCode }));
      return;
    }
    if (request.headers["aeg-event-type"] === "SubscriptionDeletion") {
      this.deletions.push(received);
      response.writeHead(200).end();
      return;
    }
    const status = await this.answer(received);
    this.requests.push(received);
    response.writeHead(status).end();
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ enough, done }) => {
      if (!enough()) return true;
      done();
      return false;
    });
  }
}
