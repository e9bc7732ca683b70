import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RingmainError } from "../../../../core/errors.ts";
import type { LogState } from "../log-state.ts";
import { readSegment, type SegmentContents } from "./read-segment.ts";
import { readNotes, type NoteKind, type SegmentNotes } from "./segment-notes.ts";

/** File names of the segments. Even generations are in the first file, odd ones in the second. */
export const SEGMENT_NAMES = ["log.0", "log.1"] as const;

/** A segment that lacks data that it must contain. */
export interface LogProblem {
  /** Path of the segment's file. */
  readonly path: string;
  /** Description without a subject, for example `is missing`. */
  readonly detail: string;
  /** Number of lost groups of writes; `undefined` if unknown. */
  readonly lost: number | undefined;
}

/** The part of a log that is not in its data file. */
export interface LogContents {
  /** All writes of this generation and earlier ones are in the data file. */
  readonly checkpointed: number;
  /** The latest generation; equal to `checkpointed` if the log is empty. */
  readonly latest: number;
  readonly salt: Buffer | undefined;
  /** The readable generations after `checkpointed`, oldest first. */
  readonly segments: readonly SegmentContents[];
  readonly problems: readonly LogProblem[];
}

interface SegmentFile {
  readonly path: string;
  /** Contents of the file; `undefined` if it is missing. */
  readonly bytes: Buffer | undefined;
  readonly notes: SegmentNotes;
  /** The groups that have the store's salt. */
  readonly contents: SegmentContents | undefined;
}

/** Reads the log in a folder, and checks it against the state in the data file and the notes in the segments. */
export function readLog(folder: string, state: LogState): LogContents {
  const { checkpointed, salt } = state;
  const files = openSegments(folder, salt);
  const latest = latestGeneration(files, state);
  const segments: SegmentContents[] = [];
  const problems: LogProblem[] = [];
  const needed = new Set<SegmentFile>();
  for (let generation = checkpointed + 1; generation <= latest; generation += 1) {
    const contents = contentsOf(files, generation);
    const problem = findProblem(files, generation, salt, contents);
    segments.push(contents);
    if (problem !== undefined) problems.push(problem);
    needed.add(fileOf(files, generation));
  }
  for (const file of files) {
    const problem = needed.has(file) ? undefined : findStranger(file, salt, latest);
    if (problem !== undefined) problems.push(problem);
  }
  return { checkpointed, latest, salt, segments, problems };
}

/** Reads a log of format 2 or 3, which does not contain which segments must exist. */
export function readUnmarkedLog(folder: string, { checkpointed, salt }: Omit<LogState, "begun">): LogContents {
  const segments: SegmentContents[] = [];
  const problems: LogProblem[] = [];
  for (const { path, contents } of byGeneration(openSegments(folder, salt))) {
    if (contents.generation <= checkpointed) continue;
    segments.push(contents);
    const { generation, lost } = contents;
    if (generation !== checkpointed + segments.length) problems.push({ path, detail: FROM_LATER, lost: undefined });
    else if (lost > 0) problems.push({ path, detail: unreadable(lost), lost });
  }
  return { checkpointed, latest: segments.at(-1)?.generation ?? checkpointed, salt, segments, problems };
}

/** Reads a log whose data file is not available: the generation that was written last, and the one before it. */
export function readOrphanedLog(folder: string): LogContents {
  const begun = openSegments(folder, undefined)
    .map(({ notes }) => notes.begun)
    .filter((note) => note !== undefined)
    .toSorted((one, other) => other.generation - one.generation);
  const salt = begun[0]?.salt;
  const files = openSegments(folder, salt);
  const segments = byGeneration(files).map(({ contents }) => contents);
  const problems = segments
    .map((contents) => salt && findProblem(files, contents.generation, salt, contents))
    .filter((problem) => problem !== undefined);
  return { checkpointed: 0, latest: segments.at(-1)?.generation ?? 0, salt, segments, problems };
}

/** Returns the error for an incomplete log. */
export function logError(folder: string, problems: readonly LogProblem[]): RingmainError {
  return new RingmainError(
    "store_unavailable",
    `The log in ${folder} is incomplete: ${problems.map(describeProblem).join("; ")}. Ringmain has not changed it. ` +
      `If you have the right files, put them back: nothing is lost then. ` +
      `Otherwise run 'ringmain repair --data ${folder}' to continue with the readable part`,
  );
}

/** Describes a problem of a segment and the resulting loss. */
export function describeProblem({ path, detail, lost }: LogProblem): string {
  if (lost === 0) return `${path} ${detail}`;
  const groups = lost === undefined ? "an unknown number of groups" : `at least ${lost} groups`;
  return `${path} ${detail} (lost with it: ${groups} of acknowledged writes that data.mdb does not have)`;
}

const FROM_LATER = "goes on from a later state than its data.mdb has: was that replaced by an older one?";

function unreadable(groups: number): string {
  return `is damaged: ${groups} groups of writes in it cannot be read`;
}

function openSegments(folder: string, salt: Buffer | undefined): SegmentFile[] {
  return SEGMENT_NAMES.map((name) => {
    const path = join(folder, name);
    if (!existsSync(path)) return { path, bytes: undefined, notes: {}, contents: undefined };
    const bytes = readFileSync(path);
    return { path, bytes, notes: readNotes(bytes), contents: readSegment(bytes, salt) };
  });
}

function byGeneration(files: readonly SegmentFile[]): { readonly path: string; readonly contents: SegmentContents }[] {
  return files
    .flatMap(({ path, contents }) => (contents === undefined ? [] : [{ path, contents }]))
    .toSorted((one, other) => one.contents.generation - other.contents.generation);
}

function fileOf(files: readonly SegmentFile[], generation: number): SegmentFile {
  const file = files[generation % 2];
  if (file === undefined) throw new RingmainError("internal", `No segment for generation ${generation}`);
  return file;
}

/** Returns the groups of a generation. They may be in either file, because the files may have been swapped. */
function contentsOf(files: readonly SegmentFile[], generation: number): SegmentContents {
  const found = files.find(({ contents }) => contents?.generation === generation)?.contents;
  return found ?? { generation, groups: [], lost: 0 };
}

/**
 * Returns the latest generation that has begun: according to the data file, the end of the generation before it, or a
 * group of its own.
 */
function latestGeneration(files: readonly SegmentFile[], { begun, salt }: LogState): number {
  for (let latest = begun; ; latest += 1) {
    const hasEnded = countIn(files, "ended", latest, salt) !== undefined;
    const goesOn = files.some(({ contents }) => contents?.generation === latest + 1);
    if (!hasEnded && !goesOn) return latest;
  }
}

/** Returns the count in a note about this generation of this store, in either file. */
function countIn(files: readonly SegmentFile[], kind: NoteKind, generation: number, salt: Buffer): number | undefined {
  const note = files
    .map(({ notes }) => notes[kind])
    .find((one) => one?.generation === generation && one.salt.equals(salt));
  return note?.count;
}

function findProblem(
  files: readonly SegmentFile[],
  generation: number,
  salt: Buffer,
  { groups, lost }: SegmentContents,
): LogProblem | undefined {
  const file = fileOf(files, generation);
  const expected = countIn(files, "ended", generation, salt) ?? countIn(files, "reached", generation, salt);
  const { path } = file;
  const head = findHeadProblem(file, generation, salt);
  if (head !== undefined) {
    return { path, detail: head, lost: expected === undefined ? undefined : Math.max(0, expected - groups.length) };
  }
  const most = Math.max(expected ?? 0, groups.length + lost);
  if (most === groups.length) return undefined;
  const detail = lost > 0 ? unreadable(lost) : `ends after ${groups.length} of at least ${most} groups of writes`;
  return { path, detail, lost: most - groups.length };
}

function findHeadProblem({ path, bytes, notes }: SegmentFile, generation: number, salt: Buffer): string | undefined {
  if (bytes === undefined) return "is missing";
  if (bytes.length === 0) return "is empty";
  const { begun } = notes;
  if (begun === undefined) return "is damaged: its head cannot be read";
  if (!begun.salt.equals(salt)) return "belongs to another store, or to another state of this one";
  if (begun.generation > generation) return FROM_LATER;
  if (begun.generation < generation) return `holds an earlier part of the log: is it an older copy of ${path}?`;
  if (bytes.length < begun.count) return `is cut off: it has ${bytes.length} of at least ${begun.count} bytes`;
  return undefined;
}

/**
 * Finds a problem in a segment that is not needed: it must not contain writes of another store that have not been
 * copied.
 */
function findStranger(file: SegmentFile, salt: Buffer, latest: number): LogProblem | undefined {
  const { path, bytes, notes, contents } = file;
  if (contents !== undefined && contents.generation > latest) return { path, detail: FROM_LATER, lost: undefined };
  const { begun } = notes;
  if (bytes === undefined || begun === undefined || begun.salt.equals(salt)) return undefined;
  const held = readSegment(bytes, begun.salt)?.groups.length ?? 0;
  const detail = `holds ${held} groups of writes of another store, or of another state of this one`;
  return held === 0 ? undefined : { path, detail, lost: 0 };
}
