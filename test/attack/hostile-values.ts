import { gzipSync } from "node:zlib";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";

/** Texts that parsers, tables and file systems have mishandled. None of them names an existing file. */
const TEXTS: readonly string[] = [
  "",
  " ",
  "\0",
  "a\0b",
  "\r\nX-Injected: 1",
  "\u{D800}",
  "\u{DFFF}\u{D800}",
  "\u202Eabc",
  "\uFEFF",
  "İıſK",
  "%",
  "%00",
  "%ff",
  "%2e%2e%2f",
  "..",
  "../../no-such-folder/x",
  "/",
  "//",
  "\\",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "__defineGetter__",
  "then",
  "null",
  "undefined",
  "NaN",
  "-0",
  "1e999",
  "0x10",
  "9007199254740993",
  "2026-02-30T25:61:61Z",
  "+275760-09-13T00:00:00.001Z",
  "P1D",
  "[",
  "[[",
  "[concat('a'",
  "[parameters('none')]",
  "${x}",
  "{{x}}",
  "'",
  '"',
  "<script>",
  "*",
  ">",
  "http://",
  "http://[::1",
  "http://127.0.0.1:99999/",
  "http://127.0.0.1:1/",
  "javascript:1",
  "data:,x",
  "/subscriptions/x/resourceGroups/y/providers/z",
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/attacked/providers/Microsoft.EventGrid/topics/made",
];

/** Numbers in JSON form, or in almost valid form. */
const NUMBERS: readonly string[] = [
  "0",
  "-0",
  "-1",
  "1.5",
  "1e999",
  "-1e999",
  "1e-999",
  "9007199254740993",
  "123456789012345678901234567890",
  "2147483648",
  "4294967296",
  "0.1e1",
  `1${"0".repeat(400)}`,
];

/** Texts that are not JSON, though some parsers accept them. */
const NO_JSON: readonly string[] = [
  "NaN",
  "Infinity",
  "undefined",
  "'a'",
  "01",
  "+1",
  ".5",
  "1.",
  "0x10",
  "[1,]",
  "//",
  "\u0000",
];

/** Returns a text that is hostile by its content or its length. */
export function hostileText(random: SeededRandom): string {
  const text = random.pick(TEXTS);
  const kind = random.next();
  if (kind < 0.8) return text;
  if (kind < 0.95) return text.repeat(1 + random.below(300)).slice(0, 8_000);
  return random.pick(["x", "é", "\u{1F600}", "["]).repeat(1 + random.below(60_000));
}

/** Returns JSON text of any kind or, rarely, text that is not JSON. */
export function hostileJson(random: SeededRandom, depth = 3): string {
  const kind = random.next();
  if (kind < 0.03) return random.pick(NO_JSON);
  if (kind < 0.06) return nested(random);
  if (kind < 0.2) return random.pick(NUMBERS);
  if (kind < 0.45 || depth === 0) return JSON.stringify(hostileText(random));
  if (kind < 0.6) return random.pick(["null", "true", "false", "{}", "[]", "[null]", "[[]]", "[{}]", '{"":{}}']);
  const items = Array.from({ length: random.below(5) }, () => hostileJson(random, depth - 1));
  if (kind < 0.8) return `[${items.join(",")}]`;
  return `{${items.map((item) => `${JSON.stringify(hostileText(random))}:${item}`).join(",")}}`;
}

function nested(random: SeededRandom): string {
  const depth = random.pick([40, 200, 3_000, 100_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['[{"properties":', "}]"],
  ] as const);
  const closed = random.next() < 0.7 ? close.repeat(depth) : "";
  return `${open.repeat(depth)}1${closed}`;
}

/**
 * Returns JSON text of a value in which one random place is replaced, left out, renamed or duplicated. The rest
 * stays as a good client would send it, so that the code that reads the place is reached.
 */
export function hostileVersion(random: SeededRandom, value: unknown): string {
  let left = random.below(countPlaces(value));
  const write = (part: unknown): string => {
    if (left-- === 0) return hostileJson(random);
    if (Array.isArray(part)) return `[${part.map(write).join(",")}]`;
    if (typeof part !== "object" || part === null) return JSON.stringify(part);
    return `{${Object.entries(part)
      .flatMap(([name, member]) => writeMember(name, member))
      .join(",")}}`;
  };
  const writeMember = (name: string, member: unknown): string[] => {
    if (left-- !== 0) return [`${JSON.stringify(name)}:${write(member)}`];
    const good = `${JSON.stringify(name)}:${JSON.stringify(member)}`;
    switch (random.below(5)) {
      case 0:
        return [];
      case 1:
        return [good, `${JSON.stringify(name)}:${hostileJson(random)}`];
      case 2:
        return [`${JSON.stringify(hostileText(random))}:${JSON.stringify(member)}`];
      case 3:
        return [`${JSON.stringify(random.next() < 0.5 ? name.toUpperCase() : `${name} `)}:${JSON.stringify(member)}`];
      default:
        return [good, `"__proto__":${hostileJson(random)}`, `"constructor":${hostileJson(random)}`];
    }
  };
  return write(value);
}

function countPlaces(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const members = Object.values(value).reduce((sum: number, member) => sum + countPlaces(member), 0);
  return 1 + members + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

/** Bytes and headers of a body, some of them damaged or with a wrong name. */
export interface HostileBody {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns the bytes of a JSON text, mostly unchanged. */
export function hostileBody(random: SeededRandom, text: string, contentType: string): HostileBody {
  const bytes = Buffer.from(text);
  const headers = { "content-type": contentType };
  switch (random.below(24)) {
    case 0:
      return { bytes: bytes.subarray(0, random.below(bytes.length + 1)), headers };
    case 1:
      return { bytes: Buffer.concat([bytes, Buffer.from(random.pick([" ", "}", "\0", "\n{}", ",1"]))]), headers };
    case 2:
      return { bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]), headers };
    case 3:
      return { bytes: Buffer.from(text, "utf16le"), headers: { "content-type": `${contentType}; charset=utf-16` } };
    case 4:
      return { bytes: Buffer.concat([bytes, Buffer.from([0xff, 0xc3])]), headers };
    case 5:
      return {
        bytes: gzipSync(bytes),
        headers: { ...headers, "content-encoding": random.pick(["gzip", "br", "deflate", "zstd"]) },
      };
    case 6:
      return { bytes, headers: { "content-type": random.pick(CONTENT_TYPES) } };
    case 7:
      return {
        bytes,
        headers: { ...headers, "content-encoding": random.pick(["gzip", "identity", "x", "gzip, gzip"]) },
      };
    case 8:
      return { bytes: Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256))), headers };
    default:
      return { bytes, headers };
  }
}

const CONTENT_TYPES: readonly string[] = [
  "",
  "text/plain",
  "application/json; charset=latin1",
  "application/json;;;",
  "APPLICATION/JSON",
  "application/xml",
  "multipart/form-data",
  "multipart/mixed; boundary=",
  "application/x-www-form-urlencoded",
  "application/cloudevents+json",
  "application/cloudevents-batch+json",
  "application/cloudevents+protobuf",
  `application/json; ${"x=y;".repeat(500)}`,
];
