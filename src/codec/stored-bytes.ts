import { RingmainError } from "../core/errors.ts";

/** How many bytes a text takes in UTF-8. */
export function textBytes(text: string): number {
  return Buffer.byteLength(text);
}

/** How many bytes {@link ByteWriter.varint} writes for a whole number below 2^32. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** Fills a buffer of a size known beforehand, front to back. */
export class ByteWriter {
  /** What is written; whole once as many bytes were written as were announced. */
  readonly bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  uint8(value: number): void {
    this.#at = this.bytes.writeUInt8(value, this.#at);
  }

  /** A whole number below 2^48. */
  uint48(value: number): void {
    this.#at = this.bytes.writeUIntBE(value, this.#at, 6);
  }

  double(value: number): void {
    this.#at = this.bytes.writeDoubleBE(value, this.#at);
  }

  /** A whole number below 2^32, small ones in few bytes. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.uint8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.uint8(rest);
  }

  /** A text behind its length. `length` is its {@link textBytes}. */
  text(text: string, length: number): void {
    this.varint(length);
    this.#at += this.bytes.write(text, this.#at, length, "utf8");
  }

  /** Bytes without their length: only the last thing written can be read back. */
  rest(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

/** Reads what a {@link ByteWriter} wrote, in the same order. Errors: `internal` when the bytes end too early. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  uint48(): number {
    return this.#bytes.readUIntBE(this.#take(6), 6);
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.uint8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  text(): string {
    const length = this.varint();
    const start = this.#take(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  /** Everything that was not read yet; a view. */
  rest(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, this.#bytes.length - this.#at);
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new RingmainError("internal", "A stored record ends too early");
    this.#at = start + length;
    return start;
  }
}
