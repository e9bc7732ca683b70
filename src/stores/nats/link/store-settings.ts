import type { KV } from "@nats-io/kv";
import { randomBytes } from "node:crypto";
import { RingmainError } from "../../../core/errors.ts";

/** Settings that all nodes of a store share. The first node writes them once. */
export interface StoreSettings {
  /** Number of streams across which the queues are distributed. */
  readonly shards: number;
  /** Key that authenticates lock tokens. */
  readonly tokenKey: Uint8Array;
}

const FORMAT = 1;
const KEY = "settings";
const TOKEN_KEY_BYTES = 32;

interface Kept {
  readonly format: number;
  readonly shards: number;
  readonly tokenKey: string;
}

/**
 * Reads a store's settings. A new store gets `shards` and a new key. Rejects with `invalid_request` for a newer format.
 */
export async function settleSettings(bucket: KV, shards: number): Promise<StoreSettings> {
  const proposed: Kept = { format: FORMAT, shards, tokenKey: randomBytes(TOKEN_KEY_BYTES).toString("base64") };
  let kept = await read(bucket);
  if (kept === undefined) {
    // Another node may be faster. In that case, its settings apply.
    await bucket.create(KEY, JSON.stringify(proposed)).catch(() => {});
    kept = await read(bucket);
  }
  if (kept === undefined)
    throw new RingmainError("store_unavailable", "The store's settings cannot be written to NATS.");
  if (kept.format !== FORMAT) {
    throw new RingmainError(
      "invalid_request",
      `The store in NATS has format ${kept.format}; this version of Ringmain reads format ${FORMAT}.`,
    );
  }
  return { shards: kept.shards, tokenKey: Buffer.from(kept.tokenKey, "base64") };
}

async function read(bucket: KV): Promise<Kept | undefined> {
  return (await bucket.get(KEY))?.json<Kept>();
}
