import { Buffer } from "node:buffer";

/** The same bytes as a `Buffer`, which searches and reads text fast; nothing is copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
