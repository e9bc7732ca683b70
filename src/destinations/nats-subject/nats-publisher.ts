import type * as Nats from "@nats-io/transport-node";
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { toError } from "../../core/errors.ts";
import { AttemptError } from "../outgoing/attempt.ts";

/** A NATS message. */
export interface NatsMessage {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

const DEFAULT_PORT = "4222";

type Client = typeof Nats;

/**
 * A connection to NATS servers, for publishing. A lost connection does not reconnect: the next attempt opens another.
 */
export class NatsPublisher {
  readonly #client: Client;
  readonly #connection: NatsConnection;

  private constructor(client: Client, connection: NatsConnection) {
    this.#client = client;
    this.#connection = connection;
  }

  /**
   * Connects to NATS servers.
   *
   * @param url comma-separated `nats://` or `tls://` URLs, with user and password or a token if required
   */
  static async open(url: string, timeoutMs: number): Promise<NatsPublisher> {
    const client = await loadClient();
    const servers = natsServers(url);
    const [first] = servers;
    const user = decodeURIComponent(first?.username ?? "");
    const password = decodeURIComponent(first?.password ?? "");
    try {
      const connection = await client.connect({
        servers: servers.map(({ hostname, port }) => `${hostname}:${port === "" ? DEFAULT_PORT : port}`),
        name: "ringmain",
        timeout: timeoutMs,
        reconnect: false,
        ...(first?.protocol === "tls:" && { tls: {} }),
        ...(user !== "" && (password === "" ? { token: user } : { user, pass: password })),
      });
      return new NatsPublisher(client, connection);
    } catch (thrown) {
      throw natsFailure(client, thrown);
    }
  }

  get usable(): boolean {
    return !this.#connection.isClosed();
  }

  /** Resolves when the server has the message. Rejects with `AttemptError`. */
  async publish({ subject, headers, payload }: NatsMessage): Promise<void> {
    this.#checkSize(payload);
    try {
      this.#connection.publish(subject, payload, { headers: this.#headers(headers) });
      await this.#connection.flush();
    } catch (thrown) {
      throw natsFailure(this.#client, thrown);
    }
  }

  /** Resolves when a JetStream stream has stored the message. Rejects with `AttemptError`. */
  async store({ subject, headers, payload }: NatsMessage, timeoutMs: number): Promise<void> {
    this.#checkSize(payload);
    let answer: unknown;
    try {
      const options = { headers: this.#headers(headers), timeout: timeoutMs };
      answer = (await this.#connection.request(subject, payload, options)).json();
    } catch (thrown) {
      throw natsFailure(this.#client, thrown);
    }
    const { stream, error } = answer as {
      readonly stream?: string;
      readonly error?: { readonly code?: number; readonly description?: string };
    };
    if (error === undefined && typeof stream === "string") return;
    const outcome = error?.code === 503 ? "Busy" : "GenericError";
    throw new AttemptError(outcome, `the stream answered: ${error?.description ?? "not as JetStream does"}`);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #headers(values: Readonly<Record<string, string>>): MsgHdrs {
    const headers = this.#client.headers();
    for (const [name, value] of Object.entries(values)) headers.set(name, value);
    return headers;
  }

  #checkSize({ byteLength }: Uint8Array): void {
    const limit = this.#connection.info?.max_payload ?? 0;
    if (limit === 0 || byteLength <= limit) return;
    throw new AttemptError(
      "PayloadTooLarge",
      `the event has ${byteLength} bytes, but the server accepts only ${limit}`,
    );
  }
}

/** Returns the servers in a connection string; none if it is not a list of `nats://` or `tls://` URLs. */
export function natsServers(url: string): readonly URL[] {
  if (!/^(?:nats|tls):\/\/[^/]/.test(url)) return [];
  const texts = url.split(",").map((text) => (text.includes("://") ? text : `nats://${text}`));
  return texts.every((text) => URL.canParse(text)) ? texts.map((text) => new URL(text)) : [];
}

/** Loads the NATS client, an optional package that only NATS destinations need. */
async function loadClient(): Promise<Client> {
  try {
    return await import("@nats-io/transport-node");
  } catch (thrown) {
    const cause = "the package is not installed: npm install @nats-io/transport-node";
    throw Object.assign(new AttemptError("GenericError", cause), { cause: thrown });
  }
}

/** Returns the failure for an error of the NATS client. [EG-NATS-SUBJECT] */
function natsFailure(client: Client, thrown: unknown): AttemptError {
  const { errors } = client;
  const error = toError(thrown);
  const cause = error.message.slice(0, 200);
  if (error instanceof errors.NoRespondersError || (error instanceof errors.RequestError && error.isNoResponders())) {
    return new AttemptError("NotFound", "no JetStream stream listens to the subject");
  }
  if (error instanceof errors.TimeoutError) return new AttemptError("TimedOut", cause);
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return new AttemptError("Unauthorized", cause);
  }
  if (error instanceof errors.PermissionViolationError) return new AttemptError("Forbidden", cause);
  return new AttemptError(/ENOTFOUND|EAI_/.test(cause) ? "ResolutionError" : "SocketError", cause);
}
