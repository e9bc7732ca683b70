import { headers } from "@nats-io/transport-node";
import type { KV, KvWatchEntry } from "@nats-io/kv";
import { RingmainError, toError } from "../../../core/errors.ts";
import { resourceKey } from "../../../core/resources/resource-id.ts";
import type { Resource } from "../../../core/resources/resources.ts";
import type { ResourceChange, ResourceStore, StoredResource, WriteCondition } from "../../../ports/resource-store.ts";
import { ResourceIndex } from "../../resource-index.ts";
import { BucketSnapshot } from "./bucket-snapshot.ts";
import type { JetStreamApi } from "../link/jetstream-api.ts";
import { encodeToken, decodeToken } from "../link/names.ts";
import { unavailable, type NatsLink } from "../link/nats-link.ts";
import type { NodeChannel } from "../link/node-channel.ts";
import { pause } from "../link/pause.ts";

const KEY_PREFIX = "resource.";
const WRONG_LAST_SEQUENCE: readonly number[] = [10_071, 10_164];
/** How long a write waits to be seen by this node's own watch: first by the one there is, then by a new one. */
const SEEN_MS = 500;
const SEEN_ANEW_MS = 4_500;
/** After the watch failed it begins again this much later. */
const WATCH_AGAIN_MS = 250;

export interface NatsResourceStoreParts {
  readonly link: NatsLink;
  readonly api: JetStreamApi;
  readonly bucket: KV;
  readonly bucketName: string;
  readonly channel: NodeChannel;
}

/**
 * Resources in a key-value bucket: one key each, its revision the etag. Every node watches the bucket and keeps all
 * resources in memory; a write resolves once this node's own watch has brought it, so whoever wrote reads it, and
 * listeners hear of everything in the order of the bucket.
 */
export class NatsResourceStore implements ResourceStore {
  readonly #parts: NatsResourceStoreParts;
  readonly #index = new ResourceIndex();
  readonly #closing = new AbortController();
  #watching: { stop: () => void } | undefined;
  /** Everything up to this revision has been taken over. */
  #seen = 0;
  #waiting: { readonly revision: number; readonly done: () => void }[] = [];

  constructor(parts: NatsResourceStoreParts) {
    this.#parts = parts;
    // The server may have forgotten the watch with the connection; it is quicker to begin anew than to find out.
    parts.link.onReconnect(() => this.#watching?.stop());
    parts.channel.onResourceChange((revision) => {
      // What does not come in time comes with a later watch.
      this.#untilSeen(revision).catch(() => {});
    });
  }

  /** Loads everything and follows it from then on. */
  async start(): Promise<void> {
    const { streamInfo } = await this.#parts.bucket.status();
    void this.#follow();
    await this.#untilSeen(streamInfo.state.last_seq);
  }

  async get(id: string): Promise<StoredResource | undefined> {
    return this.#index.get(id);
  }

  async list(): Promise<readonly StoredResource[]> {
    return this.#index.list();
  }

  async put(resource: Resource, condition: WriteCondition): Promise<StoredResource> {
    const expected = condition.kind === "any" ? undefined : (await this.#current(resource.id, condition)).revision;
    const revision = await this.#write(resource.id, JSON.stringify(resource), expected);
    if (revision === undefined) throw await this.#lostRace(resource.id);
    await this.#written(revision);
    return { resource, etag: String(revision) };
  }

  async delete(id: string, condition: WriteCondition): Promise<boolean> {
    for (;;) {
      const current = await this.#current(id, condition);
      if (!current.exists) return false;
      const revision = await this.#write(id, undefined, current.revision);
      if (revision !== undefined) {
        await this.#written(revision);
        return true;
      }
      if (condition.kind !== "any") throw await this.#lostRace(id);
    }
  }

  watch(listener: (change: ResourceChange) => void): () => void {
    return this.#index.watch(listener);
  }

  close(): void {
    this.#closing.abort();
    this.#watching?.stop();
  }

  /** The latest revision of a key, 0 when it never had one. Errors: `precondition_failed`. */
  async #current(
    id: string,
    condition: WriteCondition,
  ): Promise<{ readonly revision: number; readonly exists: boolean }> {
    const { revision, exists } = await this.#latest(id);
    const holds =
      condition.kind === "any" ||
      (condition.kind === "absent" ? !exists : exists && String(revision) === condition.etag);
    if (holds) return { revision, exists };
    await this.#untilSeen(revision);
    throw changedMeanwhile(id);
  }

  async #latest(id: string): Promise<{ readonly revision: number; readonly exists: boolean }> {
    try {
      const entry = await this.#parts.bucket.get(keyOf(id));
      return { revision: entry?.revision ?? 0, exists: entry?.operation === "PUT" };
    } catch (thrown) {
      throw unavailable(`Resources cannot be read: ${toError(thrown).message}`, thrown);
    }
  }

  /** The error of a write that another one got ahead of, once this node has seen that one. */
  async #lostRace(id: string): Promise<RingmainError> {
    await this.#untilSeen((await this.#latest(id)).revision);
    return changedMeanwhile(id);
  }

  /** Answers the new revision; `undefined` when the latest was not the expected one. */
  async #write(id: string, json: string | undefined, expected: number | undefined): Promise<number | undefined> {
    const head = headers();
    if (json === undefined) head.set("KV-Operation", "DEL");
    if (expected !== undefined) head.set("Nats-Expected-Last-Subject-Sequence", String(expected));
    const { link, bucketName } = this.#parts;
    const message = await link.request(`$KV.${bucketName}.${keyOf(id)}`, json ?? "", head);
    if (message === undefined) throw unavailable("JetStream: the bucket of the resources has no leader");
    const answer = message.json<{ seq?: number; error?: { err_code?: number; description?: string } }>();
    if (WRONG_LAST_SEQUENCE.includes(answer.error?.err_code ?? 0)) return undefined;
    if (answer.seq === undefined) throw unavailable(`JetStream: ${id} cannot be written: ${answer.error?.description}`);
    return answer.seq;
  }

  async #written(revision: number): Promise<void> {
    this.#parts.channel.announceResourceChange(revision);
    await this.#untilSeen(revision);
  }

  /**
   * Waits until everything up to `revision` has been taken over. A watch may have ended unnoticed, with the server that
   * kept it, which is found out by its silence only after many seconds: where it does not bring what is known to be
   * there it is replaced.
   */
  async #untilSeen(revision: number): Promise<void> {
    if (await this.#seenWithin(revision, SEEN_MS)) return;
    this.#watching?.stop();
    if (await this.#seenWithin(revision, SEEN_ANEW_MS)) return;
    throw unavailable("The NATS server did not tell of the change in time");
  }

  async #seenWithin(revision: number, ms: number): Promise<boolean> {
    if (this.#seen >= revision) return true;
    const end = new AbortController();
    this.#waiting.push({ revision, done: () => end.abort() });
    await pause(ms, end.signal);
    return this.#seen >= revision;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const watch = await this.#parts.bucket.watch();
        this.#watching = watch;
        let snapshot: BucketSnapshot | undefined = new BucketSnapshot();
        for await (const entry of watch) {
          if (signal.aborted) return;
          this.#apply(entry);
          if (snapshot?.take(entry) !== true) continue;
          this.#reconcile(snapshot);
          snapshot = undefined;
        }
      } catch {
        // No connection, or no leader now: what was missed comes with the next watch, which tells all that is there.
      }
      await pause(WATCH_AGAIN_MS, signal);
    }
  }

  /** A watch has told all there was: what it did not name is gone, and old markers of what is gone are in the way. */
  #reconcile(snapshot: BucketSnapshot): void {
    for (const { resource } of this.#index.list()) {
      if (!snapshot.has(keyOf(resource.id))) this.#index.apply({ id: resource.id, after: undefined });
    }
    const { api, bucketName } = this.#parts;
    for (const { key, revision } of snapshot.oldMarkers()) {
      // What cannot be cleared now is cleared with a later watch.
      api.purge({ stream: `KV_${bucketName}`, subject: `$KV.${bucketName}.${key}` }, revision).catch(() => {});
    }
  }

  #apply({ key, revision, operation, value }: KvWatchEntry): void {
    if (revision <= this.#seen) return;
    this.#seen = revision;
    if (key.startsWith(KEY_PREFIX)) {
      const id = idOf(key);
      if (operation === "PUT") {
        const resource = JSON.parse(Buffer.from(value).toString()) as Resource;
        this.#index.apply({ id: resource.id, after: { resource, etag: String(revision) } });
      } else {
        const known = this.#index.get(id);
        if (known !== undefined) this.#index.apply({ id: known.resource.id, after: undefined });
      }
    }
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => waiter.revision > revision);
    for (const waiter of waiting) if (waiter.revision <= revision) waiter.done();
  }
}

function keyOf(id: string): string {
  return KEY_PREFIX + encodeToken(resourceKey(id), "=");
}

function idOf(key: string): string {
  return decodeToken(key.slice(KEY_PREFIX.length), "=");
}

function changedMeanwhile(id: string): RingmainError {
  return new RingmainError("precondition_failed", `${id} is not what the write expects: it was changed meanwhile`);
}
