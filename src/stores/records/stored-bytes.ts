import { RingmainError } from "../../core/errors.ts";
import { asBuffer } from "../../codec/as-buffer.ts";
import { memoOfLast } from "../../core/memo-of-last.ts";

/** Small records are cut from pieces of this size: a buffer of its own costs each as much as filling it. */
const PIECE_BYTES = 131_072;
const ASCII_END = 0x80;

let piece: Buffer = Buffer.alloc(0);
let pieceTaken = 0;

/** The bytes of a repeated text, behind its length. */
const repeatedBytes = memoOfLast((text): Uint8Array => {
  const writer = new ByteWriter(5 + text.length);
  writer.text(text);
  return Buffer.from(writer.finish());
});

/**
 * Fills a buffer front to back.
 * Measured in docs/hot-path.md.
 */
export class ByteWriter {
  #piece: Buffer;
  #start: number;
  #end: number;
  #at: number;

  /** @param expected about how many bytes will be written; with more, they are moved to a larger buffer */
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

  /** Bytes written so far. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** Ends the writing: what was written. */
  finish(): Buffer {
    // The next record begins where this one ends, not at its limit, unless another has begun meanwhile.
    if (this.#piece === piece && pieceTaken === this.#end) pieceTaken = this.#at;
    return this.#piece.subarray(this.#start, this.#at);
  }

  /** Leaves room for bytes that whoever gets the result writes. */
  reserve(bytes: number): void {
    this.#makeRoom(bytes);
    this.#at += bytes;
  }

  uint8(value: number): void {
    this.#makeRoom(1);
    this.#piece[this.#at] = value;
    this.#at += 1;
  }

  /** A whole number below 2^48. */
  uint48(value: number): void {
    this.#makeRoom(6);
    this.#at = this.#piece.writeUIntBE(value, this.#at, 6);
  }

  double(value: number): void {
    this.#makeRoom(8);
    this.#at = this.#piece.writeDoubleBE(value, this.#at);
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

  /** A text behind its length. */
  text(text: string): void {
    if (this.#shortAscii(text)) return;
    const bytes = Buffer.byteLength(text);
    this.varint(bytes);
    this.#makeRoom(bytes);
    this.#at += this.#piece.write(text, this.#at, bytes, "utf8");
  }

  /** A text that is most often the one of the record before: its bytes are kept. */
  repeatedText(text: string): void {
    this.rest(repeatedBytes(text));
  }

  /** What nearly all texts are, faster than the calls into native code that others need; answers whether it was. */
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

  /** Bytes without their length: only the last thing written can be read back. */
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

/** Reads what a {@link ByteWriter} wrote, in the same order. Errors: `internal` when the bytes end too early. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  /** The bytes from `#aheadStart` on, a character each, when all texts among them are ASCII. */
  #ahead = "";
  #aheadStart = 0;

  /** Reads the bytes from `start` on, up to but without `end`. */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = asBuffer(bytes);
    this.#at = start;
    this.#end = Math.min(end, bytes.length);
  }

  /** Where it reads next. */
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
   * Decodes the next texts together, with the lengths between them: one call into native code costs less than one for
   * each. They are to be read next. See docs/hot-path.md.
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
    // In UTF-8 a byte of 128 and more takes two: those of the lengths are known, so one more is part of a text.
    const isAscii = Buffer.byteLength(ahead) === ahead.length + lengthBytes;
    this.#ahead = isAscii ? ahead : "";
    this.#aheadStart = start;
    this.#at = start;
  }

  /** Reads on from there. */
  moveTo(place: number): void {
    this.#at = place;
    this.#ahead = "";
  }

  /** Everything that was not read yet; a view. */
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
