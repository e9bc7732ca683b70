import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { removeFolders, runRingmain } from "../support/servers/run-ringmain.ts";

const key1 = Buffer.from("a key for the test of stopping").toString("base64");
const body = JSON.stringify([
  { id: "1", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: {}, dataVersion: "1" },
]);
const head = `POST /topics/orders/api/events HTTP/1.1\r\nHost: localhost\r\naeg-sas-key: ${key1}\r\n`;
const publish = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
const clients: Socket[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});
afterAll(removeFolders);

async function open(port: number, text: string): Promise<Socket> {
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  clients.push(client.on("error", () => {}));
  await once(client, "connect");
  if (text !== "") client.write(text);
  return client;
}

describe("SIGTERM", () => {
  it("[EG-HTTP-STOPPING] ends the process within a second, with any connections open", async () => {
    const ringmain = await runRingmain({ config: { topics: [{ name: "orders", key1 }] } });
    const port = Number(new URL(ringmain.ready.http).port);
    const kept = await open(port, publish);
    await once(kept, "data");
    await open(port, "");
    await open(port, head);
    await open(port, `${head}Content-Length: 100\r\n\r\n[`);
    // The server has received all of that once it has responded to a later request.
    await once(await open(port, publish), "data");
    const answered = once(kept, "data");
    kept.write(publish);
    await answered;
    const begun = performance.now();
    expect(await ringmain.stop()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
