import type { Connection, EventContext, Message, Receiver, Sender } from "rhea";
import { sharedAccessSignature } from "../../codec/shared-access-signature.ts";
import { HOUR_MS, MINUTE_MS, type EpochMs } from "../../core/time.ts";
import { AttemptError } from "../outgoing/attempt.ts";
import { connectionFailure } from "./amqp-failure.ts";

const TOKEN_LIFE_MS = HOUR_MS;
/** Remaining lifetime in milliseconds at which a token is replaced. */
const RENEW_MS = 10 * MINUTE_MS;
const NODE = "$cbs";

/** Host and key that tokens are created with. */
export interface CbsAuthority {
  readonly host: string;
  readonly keyName: string;
  /** A secret. */
  readonly key: string;
}

/** A requested permission: its expiration time, and a promise that settles when the peer has granted or refused it. */
interface Permission {
  readonly expiresAt: EpochMs;
  readonly granted: Promise<void>;
}

/**
 * Claims-based security: sends a token for each entity to the node `$cbs` of a connection before the entity is used,
 * and again before the token expires. Source: [EG-AMQP-CBS]
 */
export class Cbs {
  readonly #authority: CbsAuthority;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #permissions = new Map<string, Permission>();
  readonly #asked = new Map<string, { readonly done: () => void; readonly fail: (error: AttemptError) => void }>();
  #unsent: Message[] = [];
  #requests = 0;

  constructor(connection: Connection, authority: CbsAuthority) {
    this.#authority = authority;
    this.#receiver = connection.open_receiver({ source: { address: NODE }, target: { address: "cbs-reply" } });
    this.#sender = connection.open_sender({ target: { address: NODE } });
    this.#receiver.on("message", ({ message }: EventContext) => this.#answer(message));
    this.#sender.on("sendable", () => this.#pump());
    const fail = (): void => this.fail(connectionFailure(this.#sender.error ?? this.#receiver.error));
    for (const event of ["error", "close"]) {
      this.#sender.on(`sender_${event}`, fail);
      this.#receiver.on(`receiver_${event}`, fail);
    }
  }

  /** Resolves when this connection may use the entity; rejects with `AttemptError`. */
  async permit(address: string, now: EpochMs): Promise<void> {
    const held = this.#permissions.get(address);
    if (held !== undefined && now < held.expiresAt - RENEW_MS) return held.granted;
    const { host, keyName, key } = this.#authority;
    const expiresAt = now + TOKEN_LIFE_MS;
    const resource = `sb://${host}/${address}`;
    const granted = this.#put(resource, sharedAccessSignature({ resource, keyName, key, expiresAt }));
    this.#permissions.set(address, { expiresAt, granted });
    try {
      await granted;
    } catch (thrown) {
      // The next attempt sends a new token.
      this.#permissions.delete(address);
      throw thrown;
    }
  }

  /** Fails all pending requests with this error. */
  fail(error: AttemptError): void {
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    this.#unsent = [];
    for (const { fail } of asked) fail(error);
  }

  #put(audience: string, token: string): Promise<void> {
    return new Promise((done, fail) => {
      const id = `put-token-${(this.#requests += 1)}`;
      this.#asked.set(id, { done, fail });
      this.#unsent.push({
        message_id: id,
        to: NODE,
        reply_to: "cbs-reply",
        application_properties: { operation: "put-token", name: audience, type: "servicebus.windows.net:sastoken" },
        body: token,
      });
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#sender.sendable()) {
      const message = this.#unsent.shift();
      if (message === undefined) return;
      this.#sender.send(message);
    }
  }

  #answer(message: Message | undefined): void {
    const id = String(message?.correlation_id);
    const asked = this.#asked.get(id);
    if (message === undefined || asked === undefined) return;
    this.#asked.delete(id);
    const properties = (message.application_properties ?? {}) as Readonly<Record<string, unknown>>;
    const status = Number(properties["status-code"]);
    if (status >= 200 && status < 300) asked.done();
    else asked.fail(refused(status, properties["status-description"]));
  }
}

function refused(status: number, reason: unknown): AttemptError {
  const description = typeof reason === "string" ? reason.slice(0, 200) : "";
  const outcome = status === 404 ? "NotFound" : status === 401 || status === 403 ? "Unauthorized" : "GenericError";
  return new AttemptError(outcome, `the token was answered ${status}: ${description}`);
}
