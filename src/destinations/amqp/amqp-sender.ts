import type { Delivery, EventContext, Sender, Session } from "rhea";
import { onAbort } from "../../core/async/on-abort.ts";
import { AttemptError } from "../outgoing/attempt.ts";
import { amqpFailure, connectionFailure } from "./amqp-failure.ts";

/** A message that waits or has been sent, with the callbacks that settle it. */
interface Sending {
  readonly message: Buffer;
  readonly done: () => void;
  readonly fail: (error: AttemptError) => void;
}

/**
 * A link to one entity, in a session of its own. Messages wait for credit from the peer, which limits the number of
 * messages in flight. The peer's disposition settles a message.
 *
 * States:
 * - *open*: accepts messages.
 * - *retired*, when the caller has given up a message that was sent: accepts no further messages, and fails when the
 *   last sent message has been settled.
 * - *failed*, after an error or when the link, the session or the connection is closed: all its messages fail.
 *
 * The connection replaces a retired or failed link by a new one. No timer runs here: the attempt's signal bounds the
 * time.
 */
export class AmqpSender {
  readonly #session: Session;
  readonly #sender: Sender;
  readonly #waiting = new Set<Sending>();
  readonly #sent = new Map<Delivery, Sending>();
  #failure: AttemptError | undefined;
  #retired = false;

  constructor(session: Session, address: string) {
    this.#session = session;
    session.begin();
    this.#sender = session.open_sender({ target: { address }, treat_modified_as_released: false });
    this.#follow();
  }

  /** Whether the link accepts messages. */
  get usable(): boolean {
    return this.#failure === undefined && !this.#retired;
  }

  /** Resolves when the peer has accepted the message; rejects with `AttemptError`. */
  send(message: Buffer, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const sending: Sending = {
        message,
        done: () => {
          forget();
          resolve();
        },
        fail: (error) => {
          forget();
          reject(error);
        },
      };
      const forget = onAbort(signal, () => this.#abandon(sending));
      this.#waiting.add(sending);
      this.#pump();
    });
  }

  /** Fails all messages with this error, and closes the session. */
  fail(error: AttemptError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    const all = [...this.#waiting, ...this.#sent.values()];
    this.#waiting.clear();
    this.#sent.clear();
    for (const sending of all) sending.fail(error);
    if (!this.#session.is_closed()) this.#session.close();
  }

  #follow(): void {
    const sender = this.#sender;
    sender.on("sendable", () => this.#pump());
    sender.on("accepted", ({ delivery }: EventContext) => this.#settle(delivery)?.done());
    sender.on("rejected", ({ delivery }: EventContext) => {
      this.#settle(delivery)?.fail(amqpFailure(errorOf(delivery)));
    });
    for (const event of ["released", "modified"]) {
      sender.on(event, ({ delivery }: EventContext) => {
        this.#settle(delivery)?.fail(new AttemptError("Busy", `the peer ${event} the message`));
      });
    }
    sender.on("sender_error", () => this.fail(connectionFailure(sender.error)));
    sender.on("sender_close", () => this.fail(connectionFailure(sender.error)));
    this.#session.on("session_error", () => this.fail(connectionFailure(this.#session.error)));
    this.#session.on("session_close", () => this.fail(connectionFailure(this.#session.error)));
  }

  #pump(): void {
    for (const sending of this.#waiting) {
      if (this.#failure !== undefined || !this.#sender.sendable()) return;
      this.#waiting.delete(sending);
      const limit = this.#sender.max_message_size ?? 0;
      const { length } = sending.message;
      if (limit > 0 && length > limit) {
        const cause = `the message has ${length} bytes, but the entity accepts only ${limit}; it was not sent`;
        sending.fail(new AttemptError("PayloadTooLarge", cause));
      } else {
        this.#sent.set(this.#sender.send(sending.message, undefined, 0), sending);
      }
    }
  }

  #settle(delivery: Delivery | undefined): Sending | undefined {
    if (delivery === undefined) return undefined;
    const sending = this.#sent.get(delivery);
    this.#sent.delete(delivery);
    this.#closeIfDone();
    return sending;
  }

  /** Gives up a message. If it was sent already, the link is retired, so that the next message uses a new session. */
  #abandon(sending: Sending): void {
    if (this.#waiting.delete(sending)) return;
    const delivery = [...this.#sent].find(([, other]) => other === sending)?.[0];
    if (delivery === undefined) return;
    this.#retired = true;
    this.#settle(delivery);
  }

  #closeIfDone(): void {
    if (this.#retired && this.#sent.size === 0) this.fail(new AttemptError("TimedOut", "the peer did not respond"));
  }
}

function errorOf(delivery: Delivery | undefined): { condition?: string; description?: string } {
  const state = delivery?.remote_state as { readonly error?: { condition?: string; description?: string } } | undefined;
  return state?.error ?? {};
}
