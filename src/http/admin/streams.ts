import type { ServerResponse } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type Context } from "hono";
import { RingmainError } from "../../core/errors.ts";
import type { StreamProperties } from "../../core/destinations/stream.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventStreams, StreamClient } from "../../ports/event-streams.ts";
import { adminOnly, isSameKey, type AdminAccess } from "../access/admin-only.ts";

export interface StreamRouteOptions {
  readonly engine: Pick<Engine, "directory">;
  readonly streams: EventStreams;
  readonly admin: AdminAccess;
  readonly clock: Clock;
}

type NodeContext = Context<{ Bindings: HttpBindings }>;

/** Interval of comments that keep the connection open in proxies and detect clients that have disconnected. */
const KEEP_ALIVE_MS = 15_000;
const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Asks proxies not to buffer the response.
  "x-accel-buffering": "no",
};

/**
 * Returns the route `GET /ringmain/streams/{subscription}`, which sends the events of a `Stream` destination as
 * server-sent events. A reader needs the stream's own `access_token` or the credentials of management calls. The
 * token is a query parameter, since a browser's EventSource sends no headers; with it, pages of any origin may
 * read. Source: [EG-STREAM-ACCESS]
 */
export function streamRoutes({ engine, streams, admin, clock }: StreamRouteOptions): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>();
  const guard = adminOnly(admin);

  routes.get("/:subscription", async (context) => {
    const found = streamsNamed(engine, context.req.param("subscription"));
    const authorized = found.filter(({ accessToken }) => hasToken(context, accessToken));
    if (authorized.length === 0) await guard(context, async () => {});
    const [subscription, ...more] = authorized.length > 0 ? authorized : found;
    const name = context.req.param("subscription");
    if (subscription === undefined) {
      throw new RingmainError(
        "not_found",
        `There is no event subscription '${name}' with a destination of type Stream.`,
      );
    }
    if (more.length > 0) {
      throw new RingmainError(
        "conflict",
        `Several event subscriptions with the name '${name}' have a destination of type Stream. Rename all but one.`,
      );
    }
    const lastEventId = context.req.header("last-event-id");
    const client = new ResponseClient(context.env.outgoing, authorized.length > 0);
    const disconnect = streams.connect(subscription.uid, client, lastEventId);
    void client.serve(clock).then(disconnect);
    return RESPONSE_ALREADY_SENT;
  });

  return routes;
}

interface NamedStream {
  readonly uid: string;
  readonly accessToken: string | undefined;
}

function streamsNamed({ directory }: StreamRouteOptions["engine"], name: string): NamedStream[] {
  return directory
    .ofKind("Microsoft.EventGrid/eventSubscriptions")
    .filter((subscription) => subscription.name.toLowerCase() === name.toLowerCase())
    .flatMap(({ uid, properties: { destination } }) => {
      if (destination.endpointType !== "Stream") return [];
      const { accessToken }: StreamProperties = destination.properties;
      return [{ uid, accessToken }];
    });
}

function hasToken(context: NodeContext, accessToken: string | undefined): boolean {
  const presented = context.req.query("access_token");
  return presented !== undefined && accessToken !== undefined && isSameKey(presented, accessToken);
}

/** A client of an event stream: an HTTP response that stays open. */
class ResponseClient implements StreamClient {
  readonly #response: ServerResponse;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #open = new Set<(ok: boolean) => void>();

  constructor(response: ServerResponse, anyOrigin: boolean) {
    this.#response = response;
    this.#headers = { ...HEADERS, ...(anyOrigin && { "access-control-allow-origin": "*" }) };
  }

  /** Sends keep-alive comments. Resolves when the client has disconnected. */
  async serve(clock: Clock): Promise<void> {
    const disconnected = new AbortController();
    this.#response.once("close", () => {
      disconnected.abort();
      for (const written of this.#open) written(false);
      this.#open.clear();
    });
    while (!disconnected.signal.aborted) {
      this.write(":\n\n", () => {});
      // Rejects when the client disconnects, which ends the loop.
      await clock.sleepUntil(clock.now() + KEEP_ALIVE_MS, disconnected.signal).catch(() => {});
    }
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  write(text: string, written: (ok: boolean) => void): void {
    if (this.#response.destroyed || this.#response.writableEnded) {
      written(false);
      return;
    }
    if (!this.#response.headersSent) this.#response.writeHead(200, this.#headers);
    this.#open.add(written);
    const { socket } = this.#response;
    this.#response.write(text, (error) => {
      // Node reports no error for a write that was in progress when the connection was destroyed.
      const succeeded = (error === null || error === undefined) && socket?.destroyed === false;
      if (this.#open.delete(written)) written(succeeded);
    });
  }

  end(): void {
    this.#response.end();
  }
}
