import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { SILENT_LOGGER } from "../ports/logger.ts";
import { HttpListener, type HttpListenerOptions } from "./http-listener.ts";

let listener: HttpListener;
afterEach(() => listener.close(AbortSignal.abort()));

async function start(serve: HttpListenerOptions["serve"]): Promise<number> {
  listener = new HttpListener({
    limits: { connections: 10, timeoutMs: 10_000 },
    logger: SILENT_LOGGER,
    serve,
    describe: ({ message }) => ({ contentType: "text/plain", body: message }),
  });
  return ((await listener.listen("127.0.0.1", 0)).address() as AddressInfo).port;
}

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe("HttpListener", () => {
  it("closes every response of a connection that is lost, in whatever order they were to come", async () => {
    const closed: string[] = [];
    const responses: ServerResponse[] = [];
    let all: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => (all = resolve));
    const port = await start(({ url = "" }, response) => {
      response.once("close", () => closed.push(url));
      if (responses.push(response) === 4) all?.();
      // The first is being sent, the third is written but waits for its turn.
      if (url === "/1") response.write("begun");
      if (url === "/3") response.end("whole");
    });
    const client = connect(port, "127.0.0.1");
    client.on("error", () => {});
    client.write(["/1", "/2", "/3", "/4"].map(request).join(""));
    await arrived;
    const last = once(responses[3] as ServerResponse, "close");
    client.resetAndDestroy();
    await last;
    expect(closed.toSorted()).toEqual(["/1", "/2", "/3", "/4"]);
    expect(responses.map(({ destroyed }) => destroyed)).toEqual([true, true, true, true]);
  });

  it("answers pipelined requests in their order", async () => {
    const held: ServerResponse[] = [];
    const port = await start(({ url }, response) => {
      if (url === "/slow") held.push(response);
      else response.end(`[${url}]`);
      if (url === "/last") held[0]?.end("[/slow]");
    });
    const client = connect(port, "127.0.0.1");
    client.write(["/slow", "/a", "/b", "/last"].map(request).join(""));
    let text = "";
    while (!text.includes("[/last]")) text += String((await once(client, "data")) as unknown);
    expect(text.match(/\[[^\]]+\]/g)).toEqual(["[/slow]", "[/a]", "[/b]", "[/last]"]);
    client.destroy();
  });
});
