import { crc32 } from "node:zlib";
import { SALT_BYTES } from "./group-record.ts";

/**
 * Bytes at the start of a segment that contain notes; groups follow. Each note has its own disk sector, so that an
 * interrupted write of one cannot damage another.
 */
export const SEGMENT_HEAD_BYTES = 4_096;
const SECTOR_BYTES = 512;
/** Types of notes in a segment's head. */
export type NoteKind = "begun" | "ended" | "reached";

/** Position of each note, and its first four bytes. */
const NOTES: Readonly<Record<NoteKind, { readonly at: number; readonly mark: Buffer }>> = {
  /** The segment contains this generation; its file had `count` bytes at the beginning of the generation. */
  begun: { at: 0, mark: Buffer.from("RSeg") },
  /** The generation has ended with `count` groups, and the next one continues in the other segment. */
  ended: { at: SECTOR_BYTES, mark: Buffer.from("REnd") },
  /** The generation in the *other* segment has at least `count` groups. */
  reached: { at: 2 * SECTOR_BYTES, mark: Buffer.from("RFar") },
};

/** A note in the head of a segment. Each is about one generation of one store's log. */
export interface SegmentNote {
  readonly salt: Buffer;
  readonly generation: number;
  readonly count: number;
}

/** The readable notes in a segment's head. */
export type SegmentNotes = Readonly<Partial<Record<NoteKind, SegmentNote>>>;

const SALT_AT = 4;
const GENERATION_AT = SALT_AT + SALT_BYTES;
const COUNT_AT = GENERATION_AT + 6;
const CRC_AT = COUNT_AT + 6;
const NOTE_BYTES = CRC_AT + 4;

/** Returns the position of a note in a segment. */
export function noteOffset(kind: NoteKind): number {
  return NOTES[kind].at;
}

/** Encodes a note: mark (4 bytes), salt (8), generation (6), count (6), CRC-32 of these (4). */
export function encodeNote(kind: NoteKind, { salt, generation, count }: SegmentNote): Buffer {
  const bytes = Buffer.alloc(NOTE_BYTES);
  NOTES[kind].mark.copy(bytes);
  salt.copy(bytes, SALT_AT);
  bytes.writeUIntBE(generation, GENERATION_AT, 6);
  bytes.writeUIntBE(count, COUNT_AT, 6);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, CRC_AT)), CRC_AT);
  return bytes;
}

/** Encodes a complete head with these notes. */
export function encodeHead(notes: SegmentNotes): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
  for (const kind of Object.keys(NOTES) as NoteKind[]) {
    const note = notes[kind];
    if (note !== undefined) encodeNote(kind, note).copy(head, noteOffset(kind));
  }
  return head;
}

/** Returns the notes in a segment without missing and damaged ones. */
export function readNotes(segment: Buffer): SegmentNotes {
  const notes: Partial<Record<NoteKind, SegmentNote>> = {};
  for (const kind of Object.keys(NOTES) as NoteKind[]) {
    const { at, mark } = NOTES[kind];
    const bytes = segment.subarray(at, at + NOTE_BYTES);
    if (bytes.length < NOTE_BYTES || !bytes.subarray(0, mark.length).equals(mark)) continue;
    if (bytes.readUInt32BE(CRC_AT) !== crc32(bytes.subarray(0, CRC_AT))) continue;
    notes[kind] = {
      salt: Buffer.from(bytes.subarray(SALT_AT, GENERATION_AT)),
      generation: bytes.readUIntBE(GENERATION_AT, 6),
      count: bytes.readUIntBE(COUNT_AT, 6),
    };
  }
  return notes;
}
