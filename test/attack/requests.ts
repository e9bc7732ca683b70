import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import { hostileText } from "./hostile-values.ts";
import type { RawRequest } from "./http-client.ts";

/** Generates a request from random choices. */
export type MakeRequest = (random: SeededRandom) => RawRequest;

type Header = readonly [name: string, value: string];

/** Encodes a text as a segment of a path or a part of a query. Rarely leaves it unescaped. */
export function encode(random: SeededRandom, text: string): string {
  const bytes = Buffer.from(text.slice(0, 1_000));
  if (random.next() < 0.05) return bytes.toString("latin1").replaceAll(/[\s\0#?]/g, "%20");
  const escapeAll = random.next() < 0.03;
  return Array.from(bytes, (byte) => {
    const plain = /[\w.~-]/.test(String.fromCharCode(byte)) && !escapeAll;
    return plain ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/**
 * Returns a path, mostly unchanged. Sometimes the case of words is changed, slashes are doubled or escaped, or a
 * segment is added.
 */
export function hostilePath(random: SeededRandom, path: string): string {
  switch (random.below(40)) {
    case 0:
      return path.toUpperCase();
    case 1:
      return path.replaceAll("/", "//");
    case 2:
      return path.replaceAll("/", random.pick(["%2F", "%2f", "/%2F", "\\"]));
    case 3:
      return `${path}/${encode(random, hostileText(random))}`;
    case 4:
      return `${path}/`;
    case 5:
      return path.slice(0, 1 + random.below(path.length));
    case 6:
      return `http://${random.pick(["127.0.0.1", "h", "[::1", ""])}${path}`;
    case 7:
      return `/%00${path}`;
    case 8:
      return `${path}${random.pick(["?", "#", ";", "%", "%zz", "/..", "/.", "/%2e%2e"])}`;
    default:
      return path;
  }
}

/** Returns a query of the given parameters, rarely with other parameters, duplicates, or broken. */
export function hostileQuery(random: SeededRandom, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${encode(random, value)}`);
  switch (random.below(30)) {
    case 0:
      return "";
    case 1:
      return `?${[...pairs, ...pairs].join("&")}`;
    case 2:
      return `?${[...pairs, `${encode(random, hostileText(random))}=${encode(random, hostileText(random))}`].join("&")}`;
    case 3:
      return `?${pairs.join("&")}&${random.pick(["%", "=", "&&&", "a[]=1", "%ff=%ff", "x=%u0041"])}`;
    case 4:
      return `?${Object.keys(parameters)
        .map((name) => `${name}=${encode(random, hostileText(random))}`)
        .join("&")}`;
    default:
      return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  }
}

const HOSTS: readonly string[] = [
  "",
  "localhost",
  "LOCALHOST:80",
  "999.1.1.1",
  "127.0.0.1:99999",
  "127.0.0.1:x",
  "[::1]:6500",
  "[::1",
  "a b",
  "user@127.0.0.1",
  "127.0.0.1/x",
  "127.0.0.1?",
  "evil.example",
  "orders.local-1.eventgrid.localhost",
  "%00",
  "\u00ff",
  "0x7f.1",
  "xn--a",
  "127.0.0.1, evil.example",
  `${"a".repeat(300)}.example`,
];

const HEADERS: readonly ((random: SeededRandom) => Header)[] = [
  (random) => [
    "authorization",
    random.pick(["Bearer", "Bearer ", "Basic Og==", "bearer x.y.z", `Bearer ${"a".repeat(9_000)}`]),
  ],
  (random) => ["aeg-sas-key", headerText(random)],
  (random) => ["aeg-sas-token", random.pick(["", "r=x&e=y&s=z", "r=%&e=1%2F1%2F2999&s=%", "&&&", headerText(random)])],
  (random) => ["origin", random.pick(["null", "http://evil.example", "http://", headerText(random)])],
  (random) => ["sec-fetch-site", random.pick(["cross-site", "same-origin", ""])],
  (random) => ["accept", random.pick(["*/*", "text/event-stream", "", "a".repeat(2_000)])],
  (random) => ["accept-encoding", random.pick(["gzip", "gzip;q=x", "*"])],
  (random) => ["if-match", random.pick(["*", "", '"x"', 'W/"1"', headerText(random)])],
  (random) => ["if-none-match", random.pick(["*", "", headerText(random)])],
  (random) => ["x-ms-client-request-id", headerText(random)],
  (random) => ["x-ms-correlation-request-id", headerText(random)],
  () => ["x-ms-return-client-request-id", "true"],
  (random) => [
    "traceparent",
    random.pick(["00-0-0-0", `00-${"0".repeat(32)}-${"0".repeat(16)}-ff`, headerText(random)]),
  ],
  (random) => ["last-event-id", headerText(random)],
  (random) => ["range", random.pick(["bytes=0-", "bytes=9-1", "x"])],
  (random) => ["expect", random.pick(["100-continue", "x"])],
  (random) => ["upgrade", random.pick(["websocket", "h2c", "TLS/1.0"])],
  (random) => ["connection", random.pick(["close", "upgrade", "keep-alive, x", ""])],
  (random) => ["x-forwarded-for", random.pick(["127.0.0.1", "::1"])],
  (random) => ["x-forwarded-host", random.pick(HOSTS)],
  (random) => ["webhook-request-origin", headerText(random)],
  (random) => ["aeg-event-type", random.pick(["Notification", "SubscriptionValidation", headerText(random)])],
  (random) => ["metadata", random.pick(["true", "True", "x"])],
  (random) => ["cookie", headerText(random)],
  (random) => [
    random.pick(["ce-id", "ce-type", "ce-source", "ce-specversion", "ce-time", "ce-data", "ce-"]),
    headerText(random),
  ],
  (random) => [`x-${"n".repeat(1 + random.below(200))}`, "x".repeat(random.pick([10, 1_000, 15_000, 17_000]))],
  (random) => [random.pick(["__proto__", "constructor", "x-ms-", "a_b"]), headerText(random)],
];

/** Returns a text as the value of a header, without bytes that would end it. */
export function headerText(random: SeededRandom): string {
  return Buffer.from(hostileText(random).slice(0, 4_000))
    .toString("latin1")
    .replaceAll(/[\r\n\0]/g, "");
}

/** Returns the headers of a valid request, sometimes with additional, missing or duplicate headers. */
export function hostileHeaders(random: SeededRandom, good: readonly Header[]): Header[] {
  const headers = [...good];
  if (random.next() < 0.06) headers[0] = ["host", random.pick(HOSTS)];
  if (random.next() < 0.02) headers.splice(random.below(headers.length), 1);
  if (random.next() < 0.02) headers.push(random.pick(headers));
  const more = random.next() < 0.4 ? random.below(4) : 0;
  for (let count = 0; count < more; count += 1) headers.push(random.pick(HEADERS)(random));
  if (random.next() < 0.005) {
    const many = Array.from({ length: 2_500 }, (_, index): Header => [`h${index}`, ""]);
    headers.push(...many);
  }
  return headers;
}
