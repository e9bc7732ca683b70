import { RingmainError } from "../../../core/errors.ts";
import { NANOSECONDS_PER_MS, unavailable, type NatsLink } from "./nats-link.ts";
import type { QueueAddress } from "./names.ts";

/** Default time in milliseconds that a consumer waits for an acknowledgement: the lock time of the dispatcher. */
export const ACK_WAIT_MS = 120_000;
/** Time in milliseconds after which the server deletes an unused consumer. It is created again when it is needed. */
const INACTIVE_MS = 3_600_000;
/** Time in milliseconds for which servers keep message ids: longer than the store retries. */
const DUPLICATE_WINDOW_MS = 30_000;

/** JetStream is not enabled on the server, or not for the account. */
const NOT_ENABLED: readonly number[] = [10_076, 10_039];
const STREAM_NOT_FOUND = 10_059;
const CONSUMER_NOT_FOUND = 10_014;
const MESSAGE_NOT_FOUND: readonly number[] = [10_037, 10_043, 10_057];

interface ApiError {
  readonly code: number;
  readonly err_code?: number;
  readonly description?: string;
}

interface ApiResponse {
  readonly error?: ApiError;
}

interface StreamInfo extends ApiResponse {
  readonly config?: Readonly<Record<string, unknown>> & { readonly num_replicas?: number };
  readonly state?: { readonly subjects?: Readonly<Record<string, number>> };
  readonly total?: number;
}

interface ConsumerInfo extends ApiResponse {
  readonly num_pending: number;
  readonly num_ack_pending: number;
}

interface MessageResponse extends ApiResponse {
  readonly message?: { readonly seq?: number; readonly data?: string };
}

/**
 * Number of messages of a consumer: `pending` were never delivered; `unsettled` are delivered, held back or waiting
 * again.
 */
export interface ConsumerState {
  readonly pending: number;
  readonly unsettled: number;
}

/** The calls of the JetStream API that the store uses. All reject with `store_unavailable`. */
export class JetStreamApi {
  readonly #link: NatsLink;

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /**
   * Rejects with `invalid_request` if JetStream is not enabled. In a cluster, the servers with JetStream may still be
   * starting; a missing response is therefore `store_unavailable` there.
   */
  async requireEnabled(clustered: boolean): Promise<void> {
    const message = await this.#link.request("$JS.API.INFO", "");
    const { error } = message?.json<ApiResponse>() ?? {};
    const missing = (message === undefined && !clustered) || NOT_ENABLED.includes(error?.err_code ?? 0);
    if (missing) throw new RingmainError("invalid_request", "JetStream is not enabled there (nats-server -js)");
    if (message === undefined) throw unavailable("JetStream is not enabled on any server yet (nats-server -js)");
    check({ ...(error && { error }) }, "it is not available");
  }

  /**
   * Creates a stream that keeps each message until it is acknowledged. If the stream exists, sets the wanted number of
   * replicas.
   */
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
      // If several nodes start at once, one creates the stream, and the others may receive the error that its name is
      // in use.
      if (created.error === undefined) return;
      const found = await this.#call<StreamInfo>(`STREAM.INFO.${name}`, {});
      check(found.error === undefined ? {} : created, `stream ${name} cannot be created`);
      return;
    }
    check(info, `stream ${name} cannot be read`);
    if (wanted === undefined || wanted === info.config?.num_replicas) return;
    const changed = { ...info.config, num_replicas: wanted };
    check(await this.#call(`STREAM.UPDATE.${name}`, changed), `stream ${name} cannot be changed`);
  }

  /** Returns the number of messages of each subject that has any. */
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

  /** Returns the number of messages in a queue. */
  async count({ stream, subject }: QueueAddress): Promise<number> {
    const count = (await this.subjects(stream, subject)).get(subject);
    if (count !== undefined) return count;
    // Servers of version 2.9 start at the file of the subject's first message, and find nothing if that file has been
    // deleted. With a wildcard, which is slower, they search all files.
    return (await this.subjects(stream, subject.replace(/^[^.]+/, "*"))).get(subject) ?? 0;
  }

  /**
   * Creates a queue's consumer if it does not exist. Its state, in the servers' memory, is only until when messages are
   * locked or held back. If it is lost, all messages wait again.
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
    const response = await this.#call(`CONSUMER.DURABLE.CREATE.${stream}.${consumer}`, { stream_name: stream, config });
    check(response, `consumer ${consumer} cannot be created`);
  }

  /** Returns the state of a queue's consumer; `undefined` if it does not exist. */
  async consumerState({ stream, consumer }: QueueAddress): Promise<ConsumerState | undefined> {
    const info = await this.#call<ConsumerInfo>(`CONSUMER.INFO.${stream}.${consumer}`, {});
    if (info.error?.err_code === CONSUMER_NOT_FOUND) return undefined;
    check(info, `consumer ${consumer} cannot be read`);
    return { pending: info.num_pending, unsettled: info.num_ack_pending };
  }

  async deleteConsumer({ stream, consumer }: QueueAddress): Promise<void> {
    const response = await this.#call(`CONSUMER.DELETE.${stream}.${consumer}`, {});
    if (response.error?.err_code !== CONSUMER_NOT_FOUND) check(response, `consumer ${consumer} cannot be deleted`);
  }

  /** Deletes all messages of a subject, or those up to and including the sequence `upTo`. */
  async purge({ stream, subject }: Pick<QueueAddress, "stream" | "subject">, upTo?: number): Promise<void> {
    const wanted = { filter: subject, ...(upTo !== undefined && { seq: upTo + 1 }) };
    check(await this.#call(`STREAM.PURGE.${stream}`, wanted), `${subject} cannot be emptied`);
  }

  /** Deletes one message. Returns whether it existed; if several callers delete it, `true` for only one of them. */
  async deleteMessage(stream: string, sequence: number): Promise<boolean> {
    const response = await this.#call(`STREAM.MSG.DELETE.${stream}`, { seq: sequence, no_erase: true });
    if (MESSAGE_NOT_FOUND.includes(response.error?.err_code ?? 0)) return false;
    check(response, `message ${sequence} of ${stream} cannot be deleted`);
    return true;
  }

  /** Returns the payload of a message; `undefined` if it does not exist. */
  async getMessage(stream: string, sequence: number): Promise<Uint8Array | undefined> {
    const response = await this.#call<MessageResponse>(`STREAM.MSG.GET.${stream}`, { seq: sequence });
    if (MESSAGE_NOT_FOUND.includes(response.error?.err_code ?? 0)) return undefined;
    check(response, `message ${sequence} of ${stream} cannot be read`);
    return Buffer.from(response.message?.data ?? "", "base64");
  }

  /** Returns the first message of a subject from a sequence on; `undefined` if there is none. */
  async nextMessage(
    { stream, subject }: Pick<QueueAddress, "stream" | "subject">,
    from: number,
  ): Promise<{ readonly sequence: number; readonly payload: Uint8Array } | undefined> {
    const response = await this.#call<MessageResponse>(`STREAM.MSG.GET.${stream}`, {
      seq: from,
      next_by_subj: subject,
    });
    if (MESSAGE_NOT_FOUND.includes(response.error?.err_code ?? 0)) return undefined;
    check(response, `messages of ${stream} cannot be read`);
    const { seq, data = "" } = response.message ?? {};
    return seq === undefined ? undefined : { sequence: seq, payload: Buffer.from(data, "base64") };
  }

  async #call<T extends ApiResponse = ApiResponse>(subject: string, body: object): Promise<T> {
    const message = await this.#link.request(`$JS.API.${subject}`, JSON.stringify(body));
    if (message === undefined) throw unavailable("JetStream is not enabled on the NATS server, or has no leader now");
    return message.json<T>();
  }
}

/** Throws the error that a server sent instead of a result. */
function check({ error }: ApiResponse, failure: string): void {
  if (error === undefined) return;
  throw unavailable(
    `JetStream: ${failure}: ${error.description ?? "no reason given"} (${error.err_code ?? error.code})`,
  );
}
