import { createHash } from "node:crypto";
import type { JsonArray, JsonValue } from "../../../../core/json.ts";
import { eager, type Arguments, type FunctionTable } from "./function.ts";
import { valueText } from "../value-text.ts";

/** The namespace of `guid()`'s version 5 UUIDs; the service's own, so that names come out the same there. */
const GUID_NAMESPACE = Buffer.from("11fb06fb712d4ddd98c7e71bbd588830", "hex");
const MANY = Number.POSITIVE_INFINITY;

/** Functions on strings. Source: [ARM-TEMPLATE-FUNCTIONS] */
export const TEXT_FUNCTIONS: FunctionTable = {
  base64: eager("base64", 1, 1, (args) => Buffer.from(args.text(0)).toString("base64")),
  base64tostring: eager("base64ToString", 1, 1, (args) => Buffer.from(args.text(0), "base64").toString()),
  base64tojson: eager("base64ToJson", 1, 1, (args) => parse(args, Buffer.from(args.text(0), "base64").toString())),
  concat: eager("concat", 1, MANY, concat),
  endswith: eager("endsWith", 2, 2, (args) => args.text(0).toLowerCase().endsWith(args.text(1).toLowerCase())),
  startswith: eager("startsWith", 2, 2, (args) => args.text(0).toLowerCase().startsWith(args.text(1).toLowerCase())),
  format: eager("format", 1, MANY, format),
  guid: eager("guid", 1, MANY, (args) => nameBasedGuid(args.all.map((_, index) => args.text(index)).join("-"))),
  json: eager("json", 1, 1, (args) => parse(args, args.text(0))),
  join: eager("join", 2, 2, join),
  padleft: eager("padLeft", 2, 3, (args) =>
    valueText(args.value(0)).padStart(bounded(args, 1), args.optionalText(2) ?? " "),
  ),
  replace: eager("replace", 3, 3, replace),
  split: eager("split", 2, 2, split),
  string: eager("string", 1, 1, (args) => valueText(args.value(0))),
  substring: eager("substring", 1, 3, substring),
  tolower: eager("toLower", 1, 1, (args) => args.text(0).toLowerCase()),
  toupper: eager("toUpper", 1, 1, (args) => args.text(0).toUpperCase()),
  trim: eager("trim", 1, 1, (args) => args.text(0).trim()),
  uniquestring: eager("uniqueString", 1, MANY, (args) => shortHash(args.all.map((_, index) => args.text(index)))),
  uri: eager("uri", 2, 2, (args) => uri(args.text(0), args.text(1))),
  uricomponent: eager("uriComponent", 1, 1, (args) => encodeURIComponent(args.text(0))),
  uricomponenttostring: eager("uriComponentToString", 1, 1, (args) => decode(args)),
  datauri: eager(
    "dataUri",
    1,
    1,
    (args) => `data:text/plain;charset=utf8;base64,${Buffer.from(args.text(0)).toString("base64")}`,
  ),
};

/** Joins strings, or arrays. */
function concat(args: Arguments): JsonValue {
  if (!Array.isArray(args.value(0))) return args.all.map(valueText).join("");
  return args.all.flatMap((_, index) => args.array(index)) as JsonArray;
}

function join(args: Arguments): string {
  const parts = args.array(0).map(valueText);
  const delimiter = args.text(1);
  args.budget.take(parts.reduce((chars, part) => chars + part.length + delimiter.length, 0));
  return parts.join(delimiter);
}

function replace(args: Arguments): string {
  const [text, part, replacement] = [args.text(0), args.text(1), args.text(2)];
  if (part === "") throw args.wrong(1, "a string that is not empty");
  args.budget.spendOnSearch(text, part);
  return text.replaceAll(part, () => {
    args.budget.take(replacement.length);
    return replacement;
  });
}

/** `{n}` stands for an argument, `{n:D4}` pads a number, `{{` and `}}` for braces. */
function format(args: Arguments): string {
  return args.text(0).replaceAll(/\{\{|\}\}|\{(\d+)(?::([A-Za-z])(\d*))?\}/g, (whole, index, kind, width) => {
    if (whole === "{{") return "{";
    if (whole === "}}") return "}";
    const value = args.all[Number(index) + 1];
    if (value === undefined) throw args.wrong(Number(index) + 1, "given");
    const text = valueText(value);
    args.budget.take(text.length);
    const digits = Math.min(Number(width || 0), 100);
    if (/^d$/i.test(String(kind))) return text.padStart(digits, "0");
    if (/^x$/i.test(String(kind))) return padHex(Number(value), String(kind), digits);
    return text;
  });
}

function padHex(value: number, kind: string, digits: number): string {
  const hex = value.toString(16).padStart(digits, "0");
  return kind === "X" ? hex.toUpperCase() : hex;
}

function split(args: Arguments): JsonValue {
  const delimiters = Array.isArray(args.value(1)) ? args.array(1).map(valueText) : [args.text(1)];
  const text = args.text(0);
  let parts = [text];
  for (const delimiter of delimiters) {
    args.budget.spendOnSearch(text, delimiter);
    args.budget.spend(parts.length);
    parts = parts.flatMap((part) => part.split(delimiter));
  }
  return parts;
}

function substring(args: Arguments): string {
  const text = args.text(0);
  const start = args.optionalInteger(1) ?? 0;
  const length = args.optionalInteger(2) ?? text.length - start;
  if (start < 0 || length < 0 || start + length > text.length) {
    throw args.wrong(1, `a place within the string, whose length is ${text.length}`);
  }
  return text.slice(start, start + length);
}

/** A length that a template asks for, within reason. */
function bounded(args: Arguments, index: number): number {
  const wanted = args.integer(index);
  if (wanted >= 0 && wanted <= 16_384) return wanted;
  throw args.wrong(index, "between 0 and 16384");
}

function parse(args: Arguments, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw args.wrong(0, "JSON");
  }
}

function decode(args: Arguments): string {
  try {
    return decodeURIComponent(args.text(0));
  } catch {
    throw args.wrong(0, "an escaped URI component");
  }
}

/** Joins as the service does: a base that ends in a slash is a folder, another loses its last segment. */
function uri(base: string, relative: string): string {
  try {
    return new URL(relative, base).href;
  } catch {
    return `${base.replace(/\/$/, "")}/${relative.replace(/^\//, "")}`;
  }
}

/** A version 5 UUID. */
function nameBasedGuid(name: string): string {
  const hash = createHash("sha1").update(GUID_NAMESPACE).update(name).digest().subarray(0, 16);
  hash[6] = (hash.readUInt8(6) & 0x0f) | 0x50;
  hash[8] = (hash.readUInt8(8) & 0x3f) | 0x80;
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const SHORT_HASH_LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** Thirteen letters and digits that depend on all texts; not the ones that Azure would make of them. */
function shortHash(texts: readonly string[]): string {
  const hash = createHash("sha256").update(texts.join("-")).digest();
  return Array.from(hash.subarray(0, 13), (byte) => SHORT_HASH_LETTERS[byte % 32]).join("");
}
