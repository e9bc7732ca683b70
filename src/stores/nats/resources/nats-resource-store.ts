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
/**
 * Milliseconds that a write waits for this node's watch to receive it: first with the current watch, then with a new
 * one.
 */
const SEEN_MS = 500;
const SEEN_ANEW_MS = 4_500;
/** Milliseconds from the failure of a watch to the next attempt. */
const WATCH_AGAIN_MS = 250;

/** Dependencies of a {@link NatsResourceStore}. */
export interface NatsResourceStoreDependencies {
  readonly link: NatsLink;
  readonly api: JetStreamApi;
  readonly bucket: KV;
  readonly bucketName: string;
  readonly channel: NodeChannel;
}

/**
 * Resources in a key-value bucket: one key per resource, with its revision as the etag. Every node watches the bucket
 * and keeps all resources in memory. A write resolves when this node's watch has received it, so that the writer reads
 * its own write, and listeners are called in the bucket's order.
 */
export class NatsResourceStore implements ResourceStore {
  readonly #dependencies: NatsResourceStoreDependencies;
  readonly #index = new ResourceIndex();
  readonly #closing = new AbortController();
  #watching: { stop: () => void } | undefined;
  /** The revision up to which all changes have been applied. */
  #seen = 0;
  #waiting: { readonly revision: number; readonly done: () => void }[] = [];

  constructor(dependencies: NatsResourceStoreDependencies) {
    this.#dependencies = dependencies;
    // The server may have lost the watch with the connection. Starting a new one is faster than finding out.
    dependencies.link.onReconnect(() => this.#watching?.stop());
    dependencies.channel.onResourceChange((revision) => {
      // A later watch brings changes that do not arrive in time.
      this.#untilSeen(revision).catch(() => {});
    });
  }

  /** Loads all resources, and follows their changes from then on. */
  async start(): Promise<void> {
    const { streamInfo } = await this.#dependencies.bucket.status();
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

  /** Returns the latest revision of a key; 0 if it never had one. Rejects with `precondition_failed`. */
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
      const entry = await this.#dependencies.bucket.get(keyOf(id));
      return { revision: entry?.revision ?? 0, exists: entry?.operation === "PUT" };
    } catch (thrown) {
      throw unavailable(`Resources cannot be read: ${toError(thrown).message}`, thrown);
    }
  }

  /** Returns the error for a write that lost to another one, once this node has received that one. */
  async #lostRace(id: string): Promise<RingmainError> {
    await this.#untilSeen((await this.#latest(id)).revision);
    return changedMeanwhile(id);
  }

  /** Writes a value and returns its revision; `undefined` if the latest revision was not the expected one. */
  async #write(id: string, json: string | undefined, expected: number | undefined): Promise<number | undefined> {
    const head = headers();
    if (json === undefined) head.set("KV-Operation", "DEL");
    if (expected !== undefined) head.set("Nats-Expected-Last-Subject-Sequence", String(expected));
    const { link, bucketName } = this.#dependencies;
    const message = await link.request(`$KV.${bucketName}.${keyOf(id)}`, json ?? "", head);
    if (message === undefined) throw unavailable("JetStream: the bucket of the resources has no leader");
    const response = message.json<{ seq?: number; error?: { err_code?: number; description?: string } }>();
    if (WRONG_LAST_SEQUENCE.includes(response.error?.err_code ?? 0)) return undefined;
    if (response.seq === undefined)
      throw unavailable(`JetStream: ${id} cannot be written: ${response.error?.description}`);
    return response.seq;
  }

  async #written(revision: number): Promise<void> {
    this.#dependencies.channel.announceResourceChange(revision);
    await this.#untilSeen(revision);
  }

  /**
   * Waits until all changes up to `revision` have been applied. A watch may have ended unnoticed together with its
   * server, which would be detected only after many seconds. A watch that does not bring a known change is therefore
   * replaced.
   */
  async #untilSeen(revision: number): Promise<void> {
    if (await this.#seenWithin(revision, SEEN_MS)) return;
    this.#watching?.stop();
    if (await this.#seenWithin(revision, SEEN_ANEW_MS)) return;
    throw unavailable("The NATS server did not report the change in time");
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
        const watch = await this.#dependencies.bucket.watch();
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
        // There is no connection, or no leader. The next watch brings missed changes, because it starts with a full
        // snapshot.
      }
      await pause(WATCH_AGAIN_MS, signal);
    }
  }

  /** Removes resources that a complete snapshot does not contain, and deletes old markers of deleted keys. */
  #reconcile(snapshot: BucketSnapshot): void {
    for (const { resource } of this.#index.list()) {
      if (!snapshot.has(keyOf(resource.id))) this.#index.apply({ id: resource.id, after: undefined });
    }
    const { api, bucketName } = this.#dependencies;
    for (const { key, revision } of snapshot.oldMarkers()) {
      // Markers that cannot be deleted now are deleted with a later watch.
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
