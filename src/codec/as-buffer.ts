import { Buffer } from "node:buffer";

/** Returns a `Buffer` over the same memory, without copying. A `Buffer` searches and decodes text fast. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
