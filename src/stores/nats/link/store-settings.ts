import type { KV } from "@nats-io/kv";
import { randomBytes } from "node:crypto";
import { RingmainError } from "../../../core/errors.ts";

/** What all nodes of a store must agree on; written once, by the first of them. */
export interface StoreSettings {
  /** Number of streams the queues are spread over. */
  readonly shards: number;
  /** Authenticates lock tokens. */
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

/** Reads a store's settings; a new store gets `shards` and a new key. Errors: `invalid_request` for a newer format. */
export async function settleSettings(bucket: KV, shards: number): Promise<StoreSettings> {
  const made: Kept = { format: FORMAT, shards, tokenKey: randomBytes(TOKEN_KEY_BYTES).toString("base64") };
  let kept = await read(bucket);
  if (kept === undefined) {
    // Another node may be first; then its settings hold.
    await bucket.create(KEY, JSON.stringify(made)).catch(() => {});
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
