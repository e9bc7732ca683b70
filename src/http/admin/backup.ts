import { Hono } from "hono";

/** A copy of a store's data at one moment. */
export interface Backup {
  readonly bytes: number;
  /** The data. Must be read to its end or cancelled. */
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Creates a backup. Rejects with `conflict` while another one is being created, with `not_supported`, or with
 * `store_unavailable`.
 */
export type MakeBackup = () => Promise<Backup>;

/**
 * Returns the route `POST /ringmain/backup`, which sends the store's data file as of the moment of the call. The
 * file contains keys and event data.
 */
export function backupRoutes(makeBackup: MakeBackup): Hono {
  const routes = new Hono();
  routes.post("/", async () => {
    const { bytes, body } = await makeBackup();
    const headers = {
      "content-type": "application/octet-stream",
      "content-length": String(bytes),
      "cache-control": "no-store",
    };
    return new Response(body, { headers });
  });
  return routes;
}
