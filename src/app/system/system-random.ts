import { randomBytes, randomFillSync } from "node:crypto";
import type { Random } from "../../ports/random.ts";

/** Random values from the operating system and the JavaScript engine. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: nextUuid,
  secretBytes: (bytes) => randomBytes(bytes),
};

const UUID_BYTES = 16;
const UUID_CHARS = 36;
/** Number of UUIDs that are generated at once. */
const UUIDS = 256;
const HYPHEN = 0x2d;
const DIGITS = Buffer.from("0123456789abcdef");

const random = Buffer.alloc(UUIDS * UUID_BYTES);
/** Generated UUIDs as text, one after the other. */
const texts = Buffer.alloc(UUIDS * UUID_CHARS);
/** Number of UUIDs in `texts` that have been returned. */
let used = UUIDS;

/**
 * Returns a random UUID (version 4). Every published event gets one. Cutting it from the text of many UUIDs takes half
 * the time of `crypto.randomUUID`, whose result is not a flat string either. Measured in docs/hot-path.md.
 */
function nextUuid(): string {
  if (used === UUIDS) {
    randomFillSync(random);
    for (let index = 0; index < UUIDS; index += 1) writeUuid(index);
    used = 0;
  }
  const start = used * UUID_CHARS;
  used += 1;
  return texts.toString("latin1", start, start + UUID_CHARS);
}

function writeUuid(index: number): void {
  let at = index * UUID_CHARS;
  for (let place = 0; place < UUID_BYTES; place += 1) {
    let byte = random[index * UUID_BYTES + place] ?? 0;
    // Version and variant, RFC 9562.
    if (place === 6) byte = (byte & 0x0f) | 0x40;
    if (place === 8) byte = (byte & 0x3f) | 0x80;
    if (place === 4 || place === 6 || place === 8 || place === 10) {
      texts[at] = HYPHEN;
      at += 1;
    }
    texts[at] = DIGITS[byte >> 4] ?? 0;
    texts[at + 1] = DIGITS[byte & 0x0f] ?? 0;
    at += 2;
  }
}
