import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LISTENERS, type Listening } from "../support/servers/listeners.ts";

const listening = new Map<string, Listening>();

beforeAll(async () => {
  for (const [name, start] of Object.entries(LISTENERS)) {
    listening.set(name, await start({ timeoutMs: 5_000, answer: () => Promise.resolve("fine") }));
  }
});
afterAll(async () => {
  for (const { stop } of listening.values()) await stop();
});

async function open({ port, tls }: Listening): Promise<Socket> {
  const options = { host: "127.0.0.1", port, allowHalfOpen: true };
  const socket = tls === true ? tlsConnect({ ...options, rejectUnauthorized: false }) : connect(options);
  await once(socket, tls === true ? "secureConnect" : "connect");
  return socket;
}

/** Resolves with all data that a server sends until it ends the connection. */
async function exchange(target: Listening, text: string): Promise<string> {
  const socket = await open(target);
  socket.write(Buffer.from(text, "latin1"));
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const withHost = (host: string): string => `GET / HTTP/1.1\r\n${host}\r\n`;
const chunked = (coding: string): string =>
  `POST / HTTP/1.1\r\nHost: localhost\r\n${coding}\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;

/** More headers than Node parses by default. */
const MANY_HEADERS: string = "a:\r\n".repeat(2_500);

const REFUSED: readonly (readonly [description: string, request: string, status: number | string])[] = [
  ["an address that cannot be", withHost("Host: 999.1.1.1\r\n"), 400],
  ["an address that has a shorter form", withHost("Host: 0x7f.1\r\n"), 400],
  ["an empty host", withHost("Host:\r\n"), 400],
  ["a host that is one bracket", withHost("Host: [\r\n"), 400],
  ["an address of IPv6 that cannot be", withHost("Host: [::1::]\r\n"), 400],
  ["a very long host", withHost(`Host: ${"a".repeat(5_000)}\r\n`), 400],
  ["a host with a user", withHost("Host: somebody@localhost\r\n"), 400],
  ["a host with a path", withHost("Host: localhost/x\r\n"), 400],
  ["a host with a query", withHost("Host: localhost?x\r\n"), 400],
  ["a host with a backslash", withHost("Host: localhost\\x\r\n"), 400],
  ["a host with a space", withHost("Host: local host\r\n"), 400],
  ["a host with letters of another script", withHost("Host: b\u00fccher\r\n"), 400],
  ["a host with a port that cannot be", withHost("Host: localhost:65536\r\n"), 400],
  ["a host with a port that is no number", withHost("Host: localhost:x\r\n"), 400],
  ["a host with a percent sign", withHost("Host: local%68ost\r\n"), 400],
  ["a second host behind many headers", withHost(`Host: localhost\r\n${MANY_HEADERS}Host: localhost\r\n`), 400],
  ["two hosts", withHost("Host: localhost\r\nHost: localhost\r\n"), 400],
  ["no host", withHost(""), 400],
  ["no host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 400],
  ["an absolute target", "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
  ["an absolute target of a host that cannot be", "GET http://999.1.1.1/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
  ["a target that is a star", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
  ["a target without a slash", "GET x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
  ["a tunnel", "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["HTTP/2.0 as if it were 1.1", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 400],
  [
    "an expectation that is not known",
    "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: x\r\nContent-Length: 1\r\n\r\n",
    417,
  ],
  ["a coding before chunked", chunked("Transfer-Encoding: gzip, chunked"), 501],
  [
    "a coding before chunked, each in its header",
    chunked("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
    501,
  ],
  ["a coding behind many headers", chunked(`${MANY_HEADERS}Transfer-Encoding: gzip, chunked`), 501],
  ["another coding than chunked", chunked("Transfer-Encoding: gzip"), 501],
  ["no coding at all", chunked("Transfer-Encoding: identity"), 501],
  // Some versions of Node refuse it as invalid before Ringmain checks it.
  ["an empty coding", chunked("Transfer-Encoding: "), "400|501"],
  ["an empty coding before chunked", chunked("Transfer-Encoding: , chunked"), 501],
  ["chunked twice", chunked("Transfer-Encoding: chunked, chunked"), 400],
  ["chunked in two headers", chunked("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400],
  ["a coding after chunked", chunked("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip"), 400],
  ["a length and a coding", chunked("Content-Length: 3\r\nTransfer-Encoding: chunked"), 400],
  ["a coding and a length", chunked("Transfer-Encoding: chunked\r\nContent-Length: 3"), 400],
  ["the same length twice", chunked("Content-Length: 3\r\nContent-Length: 3"), 400],
  ["two lengths", chunked("Content-Length: 3\r\nContent-Length: 4"), 400],
  ["a list of lengths", chunked("Content-Length: 3, 3"), 400],
  ["a length with a sign", chunked("Content-Length: +3"), 400],
  ["a coding in HTTP/1.0", chunked("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0"), 400],
  ["headers without end", `GET / HTTP/1.1\r\nHost: localhost\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, 431],
  ["a line that ends a header early", "GET / HTTP/1.1\r\nHost: localhost\r\nx: a\rb\r\n\r\n", 400],
];

describe.each(Object.keys(LISTENERS))("%s", (name) => {
  it.each(REFUSED)("[EG-HTTP-REFUSED] refuses %s and closes the connection", async (_description, request, status) => {
    const answer = await exchange(listening.get(name) as Listening, request);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1.1 (?:${status}) `));
    expect(head).toMatch(/^connection: close$/im);
    expect(body).not.toBe("");
    expect(body).not.toMatch(/ at .*:\d+/);
  });

  it.each([
    ["localhost"],
    ["LOCALHOST:80"],
    ["127.0.0.1:6500"],
    ["[::1]:6500"],
    ["orders.local-1.eventgrid.localhost:6500"],
    ["my_service"],
    ["xn--bcher-kva.example"],
  ])("accepts the host %s", async (host) => {
    const { answered, ...target } = listening.get(name) as Listening;
    const answer = await exchange({ answered, ...target }, `${answered}Host: ${host}\r\nConnection: close\r\n\r\n`);
    // Metrics are served only under this machine's own names.
    expect(answer).toMatch(/^HTTP\/1.1 (200|403) /);
  });

  it("sends no response of its own in the middle of another response", async () => {
    const { answered, ...target } = listening.get(name) as Listening;
    const answer = await exchange(
      { answered, ...target },
      `${answered}Host: localhost\r\n\r\n${answered}Host: 999.1.1.1\r\n\r\n`,
    );
    expect(answer).toMatch(/^(HTTP\/1.1 200 [\s\S]*)?$/);
  });
});

describe("the first response", () => {
  it.each(
    Object.keys(LISTENERS).flatMap((name) => [
      [name, "Content-Length: 100\r\n\r\nabc", "ends"],
      [name, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "is not valid HTTP"],
    ]),
  )("gives one response to a request that is refused and whose rest %3$s: %1$s", async (name, sent, rest) => {
    const target = listening.get(name) as Listening;
    const socket = await open(target);
    socket.write(`${target.refused}Host: localhost\r\n${sent}`);
    let text = String((await once(socket, "data")) as unknown);
    if (rest === "ends") socket.end();
    else socket.write("nonsense\r\n");
    for await (const chunk of socket) text += String(chunk);
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toHaveLength(1);
  });

  it("describes the problem in the listener's own format", async () => {
    const bodies = await Promise.all(
      ["the main port", "the functions host", "the storage proxy"].map(async (name) => {
        const answer = await exchange(listening.get(name) as Listening, "GET / HTTP/1.1\r\n\r\n");
        return answer.split("\r\n\r\n")[1] ?? "";
      }),
    );
    const message = "The request must have one header 'Host', with a host name or an address, and a port or none.";
    expect(JSON.parse(bodies[0] ?? "")).toEqual({
      error: { code: "BadRequest", message, details: [{ code: "BadRequest", message }] },
    });
    expect(bodies[1]).toBe(message);
    expect(bodies[2]).toContain(`<Error><Code>InvalidInput</Code><Message>${message}\nRequestId:`);
  });
});
