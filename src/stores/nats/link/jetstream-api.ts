import { RingmainError } from "../../../core/errors.ts";
import { NANOSECONDS_PER_MS, unavailable, type NatsLink } from "./nats-link.ts";
import type { QueueAddress } from "./names.ts";

/** How long a consumer waits for an acknowledgement unless told otherwise: the lock the dispatcher asks for. */
export const ACK_WAIT_MS = 120_000;
/** A consumer nobody asks for this long is removed by the server; it is made again when it is needed. */
const INACTIVE_MS = 3_600_000;
/** For how long servers know the ids of messages: longer than any retry of ours. */
const DUPLICATE_WINDOW_MS = 30_000;

/** Not enabled on the server, or not for the account. */
const NOT_ENABLED: readonly number[] = [10_076, 10_039];
const STREAM_NOT_FOUND = 10_059;
const CONSUMER_NOT_FOUND = 10_014;
const MESSAGE_NOT_FOUND: readonly number[] = [10_037, 10_043, 10_057];

interface ApiError {
  readonly code: number;
  readonly err_code?: number;
  readonly description?: string;
}

interface Answer {
  readonly error?: ApiError;
}

interface StreamInfo extends Answer {
  readonly config?: Readonly<Record<string, unknown>> & { readonly num_replicas?: number };
  readonly state?: { readonly subjects?: Readonly<Record<string, number>> };
  readonly total?: number;
}

interface ConsumerInfo extends Answer {
  readonly num_pending: number;
  readonly num_ack_pending: number;
}

interface MessageAnswer extends Answer {
  readonly message?: { readonly seq?: number; readonly data?: string };
}

/** What a consumer has to give: `pending` never given out yet; `unsettled` given out, held back or waiting again. */
export interface ConsumerState {
  readonly pending: number;
  readonly unsettled: number;
}

/** The few calls of JetStream's API that the store makes. All reject with `store_unavailable`. */
export class JetStreamApi {
  readonly #link: NatsLink;

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /**
   * Rejects with `invalid_request` when JetStream is not enabled. In a cluster the servers that have it may only be
   * starting, so there the missing response is `store_unavailable`.
   */
  async requireEnabled(clustered: boolean): Promise<void> {
    const message = await this.#link.request("$JS.API.INFO", "");
    const { error } = message?.json<Answer>() ?? {};
    const missing = (message === undefined && !clustered) || NOT_ENABLED.includes(error?.err_code ?? 0);
    if (missing) throw new RingmainError("invalid_request", "JetStream is not enabled there (nats-server -js)");
    if (message === undefined) throw unavailable("JetStream is not enabled on any server yet (nats-server -js)");
    check({ ...(error && { error }) }, "it is not available");
  }

  /** Makes a stream that keeps each message until it is acknowledged; one that is there gets the wanted replicas. */
  async ensureStream(
    name: string,
    subjects: string,
    replicas: { readonly wanted: number | undefined; readonly usual: number },
  ): Promise<void> {
    const { wanted, usual } = replicas;
    const info = await this.#call<StreamInfo>(`STREAM.INFO.${name}`, {});
    if (info.error?.err_code === STREAM_NOT_FOUND) {
      const config = {
        name,
        subjects: [subjects],
        retention: "workqueue",
        storage: "file",
        discard: "new",
        num_replicas: wanted ?? usual,
        duplicate_window: DUPLICATE_WINDOW_MS * NANOSECONDS_PER_MS,
        max_consumers: -1,
        max_msgs: -1,
        max_bytes: -1,
        max_age: 0,
      };
      const created = await this.#call(`STREAM.CREATE.${name}`, config);
      // Of several nodes that start at once one makes it; the others may be told that it is in use.
      if (created.error === undefined) return;
      const found = await this.#call<StreamInfo>(`STREAM.INFO.${name}`, {});
      check(found.error === undefined ? {} : created, `stream ${name} cannot be made`);
      return;
    }
    check(info, `stream ${name} cannot be read`);
    if (wanted === undefined || wanted === info.config?.num_replicas) return;
    const changed = { ...info.config, num_replicas: wanted };
    check(await this.#call(`STREAM.UPDATE.${name}`, changed), `stream ${name} cannot be changed`);
  }

  /** How many messages there are under each subject that has any. */
  async subjects(stream: string, filter: string): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (let offset = 0; ;) {
      const info = await this.#call<StreamInfo>(`STREAM.INFO.${stream}`, { subjects_filter: filter, offset });
      check(info, `stream ${stream} cannot be read`);
      const page = Object.entries(info.state?.subjects ?? {});
      for (const [subject, count] of page) found.set(subject, count);
      offset += page.length;
      if (page.length === 0 || offset >= (info.total ?? 0)) return found;
    }
  }

  /** How many messages a queue holds. */
  async count({ stream, subject }: QueueAddress): Promise<number> {
    const count = (await this.subjects(stream, subject)).get(subject);
    if (count !== undefined) return count;
    // Servers of version 2.9 look where the subject's first message was, and when that file is gone find nothing. Asked
    // with a wildcard, which costs more, they look everywhere.
    return (await this.subjects(stream, subject.replace(/^[^.]+/, "*"))).get(subject) ?? 0;
  }

  /**
   * Makes a queue's consumer, or finds it. Its state is in the servers' memory: it only says what is locked or held
   * back until when, and where it is lost everything waits again.
   */
  async ensureConsumer({ stream, subject, consumer }: QueueAddress): Promise<void> {
    const config = {
      durable_name: consumer,
      filter_subject: subject,
      deliver_policy: "all",
      replay_policy: "instant",
      ack_policy: "explicit",
      ack_wait: ACK_WAIT_MS * NANOSECONDS_PER_MS,
      max_deliver: -1,
      max_ack_pending: -1,
      inactive_threshold: INACTIVE_MS * NANOSECONDS_PER_MS,
      mem_storage: true,
    };
    const answer = await this.#call(`CONSUMER.DURABLE.CREATE.${stream}.${consumer}`, { stream_name: stream, config });
    check(answer, `consumer ${consumer} cannot be made`);
  }

  /** `undefined` when there is no such consumer. */
  async consumerState({ stream, consumer }: QueueAddress): Promise<ConsumerState | undefined> {
    const info = await this.#call<ConsumerInfo>(`CONSUMER.INFO.${stream}.${consumer}`, {});
    if (info.error?.err_code === CONSUMER_NOT_FOUND) return undefined;
    check(info, `consumer ${consumer} cannot be read`);
    return { pending: info.num_pending, unsettled: info.num_ack_pending };
  }

  async deleteConsumer({ stream, consumer }: QueueAddress): Promise<void> {
    const answer = await this.#call(`CONSUMER.DELETE.${stream}.${consumer}`, {});
    if (answer.error?.err_code !== CONSUMER_NOT_FOUND) check(answer, `consumer ${consumer} cannot be deleted`);
  }

  /** Removes every message of a subject, or those up to and including the one with number `upTo`. */
  async purge({ stream, subject }: Pick<QueueAddress, "stream" | "subject">, upTo?: number): Promise<void> {
    const wanted = { filter: subject, ...(upTo !== undefined && { seq: upTo + 1 }) };
    check(await this.#call(`STREAM.PURGE.${stream}`, wanted), `${subject} cannot be emptied`);
  }

  /** Removes one message; answers whether it was still there. Of several callers one is told that it was. */
  async deleteMessage(stream: string, sequence: number): Promise<boolean> {
    const answer = await this.#call(`STREAM.MSG.DELETE.${stream}`, { seq: sequence, no_erase: true });
    if (MESSAGE_NOT_FOUND.includes(answer.error?.err_code ?? 0)) return false;
    check(answer, `message ${sequence} of ${stream} cannot be deleted`);
    return true;
  }

  /** One message's payload; `undefined` when it is gone. */
  async getMessage(stream: string, sequence: number): Promise<Uint8Array | undefined> {
    const answer = await this.#call<MessageAnswer>(`STREAM.MSG.GET.${stream}`, { seq: sequence });
    if (MESSAGE_NOT_FOUND.includes(answer.error?.err_code ?? 0)) return undefined;
    check(answer, `message ${sequence} of ${stream} cannot be read`);
    return Buffer.from(answer.message?.data ?? "", "base64");
  }

  /** Returns the first message under a subject from a number on; `undefined` when there is none. */
  async nextMessage(
    { stream, subject }: Pick<QueueAddress, "stream" | "subject">,
    from: number,
  ): Promise<{ readonly sequence: number; readonly payload: Uint8Array } | undefined> {
    const answer = await this.#call<MessageAnswer>(`STREAM.MSG.GET.${stream}`, { seq: from, next_by_subj: subject });
    if (MESSAGE_NOT_FOUND.includes(answer.error?.err_code ?? 0)) return undefined;
    check(answer, `messages of ${stream} cannot be read`);
    const { seq, data = "" } = answer.message ?? {};
    return seq === undefined ? undefined : { sequence: seq, payload: Buffer.from(data, "base64") };
  }

  async #call<T extends Answer = Answer>(subject: string, body: object): Promise<T> {
    const message = await this.#link.request(`$JS.API.${subject}`, JSON.stringify(body));
    if (message === undefined) throw unavailable("JetStream is not enabled on the NATS server, or has no leader now");
    return message.json<T>();
  }
}

/** Throws what a server answered in place of success. */
function check({ error }: Answer, what: string): void {
  if (error === undefined) return;
  throw unavailable(`JetStream: ${what}: ${error.description ?? "no reason given"} (${error.err_code ?? error.code})`);
}
