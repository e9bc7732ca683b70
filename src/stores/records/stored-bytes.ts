import { RingmainError } from "../../core/errors.ts";
import { asBuffer } from "../../codec/as-buffer.ts";
import { memoOfLast } from "../../core/memo-of-last.ts";

/** Size of the buffers that small records share. Allocating a separate buffer costs as much as filling it. */
const PIECE_BYTES = 131_072;
const ASCII_END = 0x80;

let piece: Buffer = Buffer.alloc(0);
let pieceTaken = 0;

/** Encodes a repeated text, with its length in front. */
const repeatedBytes = memoOfLast((text): Uint8Array => {
  const writer = new ByteWriter(5 + text.length);
  writer.text(text);
  return Buffer.from(writer.finish());
});

/** Fills a buffer from front to back. Measured in docs/hot-path.md. */
export class ByteWriter {
  #piece: Buffer;
  #start: number;
  #end: number;
  #at: number;

  /** @param expected approximate number of bytes; if more are written, they are moved to a larger buffer */
  constructor(expected: number) {
    if (expected > PIECE_BYTES / 4) {
      this.#piece = Buffer.allocUnsafeSlow(expected);
      this.#start = 0;
    } else {
      if (pieceTaken + expected > piece.length) {
        piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
        pieceTaken = 0;
      }
      this.#piece = piece;
      this.#start = pieceTaken;
      pieceTaken += expected;
    }
    this.#at = this.#start;
    this.#end = this.#start + expected;
  }

  /** Number of bytes that have been written. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** Ends writing and returns the written bytes. */
  finish(): Buffer {
    // The next record begins where this one ends, not at its limit, unless another record has begun meanwhile.
    if (this.#piece === piece && pieceTaken === this.#end) pieceTaken = this.#at;
    return this.#piece.subarray(this.#start, this.#at);
  }

  /** Leaves room for bytes that the caller writes into the result. */
  reserve(bytes: number): void {
    this.#makeRoom(bytes);
    this.#at += bytes;
  }

  uint8(value: number): void {
    this.#makeRoom(1);
    this.#piece[this.#at] = value;
    this.#at += 1;
  }

  /** Writes an integer below 2^48. */
  uint48(value: number): void {
    this.#makeRoom(6);
    this.#at = this.#piece.writeUIntBE(value, this.#at, 6);
  }

  double(value: number): void {
    this.#makeRoom(8);
    this.#at = this.#piece.writeDoubleBE(value, this.#at);
  }

  /** Writes an integer below 2^32 with a variable number of bytes; smaller numbers take fewer bytes. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.uint8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.uint8(rest);
  }

  /** Writes a text with its length in front. */
  text(text: string): void {
    if (this.#shortAscii(text)) return;
    const bytes = Buffer.byteLength(text);
    this.varint(bytes);
    this.#makeRoom(bytes);
    this.#at += this.#piece.write(text, this.#at, bytes, "utf8");
  }

  /** Writes a text that is usually the same as in the record before. Its encoded bytes are kept. */
  repeatedText(text: string): void {
    this.rest(repeatedBytes(text));
  }

  /**
   * Writes a text if it is short and ASCII, as most texts are; this is faster than a call into native code. Returns
   * whether the text was written.
   */
  #shortAscii(text: string): boolean {
    const { length } = text;
    if (length >= 0x80) return false;
    this.#makeRoom(1 + length);
    const bytes = this.#piece;
    const start = this.#at + 1;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= ASCII_END) return false;
      bytes[start + index] = code;
    }
    bytes[this.#at] = length;
    this.#at = start + length;
    return true;
  }

  /** Writes bytes without their length. They must be the last part of a record. */
  rest(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#piece.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes > this.#end) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * (this.length + bytes));
    this.#at = this.#piece.copy(larger, 0, this.#start, this.#at);
    this.#piece = larger;
    this.#start = 0;
    this.#end = larger.length;
  }
}

/**
 * Reads the values that a {@link ByteWriter} wrote, in the same order. Throws `internal` if the bytes end too early.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  /** The bytes from `#aheadStart` on, one character per byte, if all texts among them are ASCII. */
  #ahead = "";
  #aheadStart = 0;

  /** @param end position behind the last byte */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = asBuffer(bytes);
    this.#at = start;
    this.#end = Math.min(end, bytes.length);
  }

  /** Position of the next read. */
  get place(): number {
    return this.#at;
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
    const ahead = start - this.#aheadStart;
    if (ahead + length <= this.#ahead.length) return this.#ahead.slice(ahead, ahead + length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  /**
   * Decodes the next texts and the lengths between them together: one call into native code costs less than one per
   * text. The texts must be read next. See docs/hot-path.md.
   */
  decodeAhead(count: number): void {
    const start = this.#at;
    let lengthBytes = -count;
    for (let left = count; left > 0; left -= 1) {
      const before = this.#at;
      const length = this.varint();
      lengthBytes += this.#at - before;
      this.#take(length);
    }
    const ahead = this.#bytes.toString("latin1", start, this.#at);
    // In UTF-8 a byte of 128 or more becomes two bytes. The number of such bytes in the lengths is known; any further
    // one is part of a text.
    const isAscii = Buffer.byteLength(ahead) === ahead.length + lengthBytes;
    this.#ahead = isAscii ? ahead : "";
    this.#aheadStart = start;
    this.#at = start;
  }

  /** Continues reading at a position. */
  moveTo(place: number): void {
    this.#at = place;
    this.#ahead = "";
  }

  /** Returns a view of all bytes that have not been read. */
  rest(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, this.#end - this.#at);
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new RingmainError("internal", "A stored record ends too early");
    this.#at = start + length;
    return start;
  }
}
