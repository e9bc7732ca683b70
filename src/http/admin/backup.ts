import { Hono } from "hono";

/** A copy of everything a store holds, as of one moment. */
export interface Backup {
  readonly bytes: number;
  /** Must be read to its end, or cancelled. */
  readonly body: ReadableStream<Uint8Array>;
}

/** Makes a backup. Errors: `conflict` while one is being made; `not_supported`; `store_unavailable`. */
export type MakeBackup = () => Promise<Backup>;

/** `POST /ringmain/backup`: the store's data file, as of the moment of the call. It holds keys and event data. */
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
