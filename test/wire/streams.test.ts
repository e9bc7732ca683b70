import { afterEach, describe, expect, it } from "vitest";
import { startTestRingmain, type TestRingmain } from "../../src/testing/index.ts";

const TOKEN = "a-token-for-the-page";
const ADMIN_KEY = "the-key-of-the-administrator";

/** Reads server-sent events as they arrive. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    if (response.body === null) throw new Error("There is no body.");
    this.#reader = response.body.getReader();
  }

  /** Returns the next event's id and data, or `undefined` when the stream has ended. */
  async next(): Promise<{ readonly id: string; readonly data: unknown } | undefined> {
    for (;;) {
      const [, id, data] = /id: (.*)\ndata: (.*)\n\n/.exec(this.#text) ?? [];
      if (id !== undefined && data !== undefined) {
        this.#text = this.#text.slice(this.#text.indexOf(`data: ${data}\n\n`) + data.length + 8);
        return { id, data: JSON.parse(data) as unknown };
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += Buffer.from(value).toString();
    }
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

describe("a stream over HTTP", () => {
  let ringmain: TestRingmain;
  afterEach(async () => {
    await ringmain.stop();
  });

  const start = async (config: object = {}, accessToken?: string): Promise<void> => {
    const properties = accessToken === undefined ? {} : { accessToken };
    const subscriptions = [
      { name: "live", destination: { endpointType: "Stream" as const, properties } },
      {
        name: "file",
        destination: { endpointType: "WebHook" as const, properties: { endpointUrl: "http://127.0.0.1:9/" } },
      },
    ];
    ringmain = await startTestRingmain({ config: { topics: [{ name: "orders", subscriptions }], ...config } });
  };
  const read = async (headers: Record<string, string> = {}, query = "", name = "live"): Promise<Response> =>
    fetch(`${ringmain.http}/ringmain/streams/${name}${query}`, { headers });
  const publish = async (id: string): Promise<void> => {
    const [topic] = ringmain.topics;
    const event = { id, subject: "s", eventType: "T", eventTime: "2026-01-01T00:00:00Z", data: {} };
    const headers = { "aeg-sas-key": topic?.key1 ?? "" };
    await fetch(topic?.endpoint ?? "", { method: "POST", headers, body: JSON.stringify([event]) });
  };

  it("delivers to connected clients, waits for disconnected ones, and resumes where a client left [EG-STREAM] [EG-STREAM-RESUME]", async () => {
    await start();
    await publish("before");
    const response = await read();
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    const reader = new Reader(response);
    const first = await reader.next();
    expect(first?.data).toMatchObject({ id: "before", eventType: "T" });
    await publish("while");
    expect((await reader.next())?.data).toMatchObject({ id: "while" });
    const other = new Reader(await read({ "last-event-id": first?.id ?? "" }));
    expect((await other.next())?.data).toMatchObject({ id: "while" });
    await reader.leave();
    await other.leave();
  });

  it("ends when Ringmain stops, at once", async () => {
    await start();
    const reader = new Reader(await read());
    const ended = reader.next();
    await ringmain.stop();
    expect(await ended).toBeUndefined();
  });

  it("requires management rights, unless it has a token of its own [EG-STREAM-ACCESS]", async () => {
    await start({ adminKey: ADMIN_KEY }, TOKEN);
    expect((await read()).status).toBe(401);
    expect((await read({}, "?access_token=another-token-of-it")).status).toBe(401);
    expect((await read({ authorization: "Bearer wrong" }, "", "none")).status).toBe(401);
    const byKey = await read({ authorization: `Bearer ${ADMIN_KEY}` });
    expect(byKey.status).toBe(200);
    const byToken = await read({ origin: "https://shop.example" }, `?access_token=${TOKEN}`);
    expect(byToken.status).toBe(200);
    expect(byToken.headers.get("access-control-allow-origin")).toBe("*");
    await byKey.body?.cancel();
    await byToken.body?.cancel();
  });

  it("is refused to pages of other origins without its token [EG-STREAM-ACCESS]", async () => {
    await start();
    expect((await read({ origin: "https://evil.example" })).status).toBe(403);
    expect((await read({ origin: "https://evil.example" }, "?access_token=")).status).toBe(403);
  });

  it("does not exist for other subscriptions", async () => {
    await start();
    expect((await read({}, "", "file")).status).toBe(404);
    expect((await read({}, "", "none")).status).toBe(404);
  });

  it("may not be ambiguous", async () => {
    const destination = { endpointType: "Stream" as const, properties: {} };
    const topics = ["one", "two"].map((name) => ({
      name: `topic-${name}`,
      subscriptions: [{ name: "live", destination }],
    }));
    await start({ topics });
    expect((await read()).status).toBe(409);
  });

  it("leaves the list of alerts available [EG-ALERT]", async () => {
    await start();
    expect(await (await fetch(`${ringmain.http}/ringmain/alerts`)).json()).toEqual({ value: [] });
  });
});
