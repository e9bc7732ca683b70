import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RingmainError } from "../../../../core/errors.ts";
import type { LogState } from "../log-state.ts";
import { readSegment, type SegmentContents } from "./read-segment.ts";
import { readNotes, type NoteKind, type SegmentNotes } from "./segment-notes.ts";

/** The files of a log. Generation n is in the first one when n is even, and in the second one when it is odd. */
export const SEGMENT_NAMES = ["log.0", "log.1"] as const;

/** A segment that does not hold all that it must. */
export interface LogProblem {
  /** The segment's file. */
  readonly path: string;
  /** For people, without a subject: `is missing`. */
  readonly detail: string;
  /** Groups of writes that are lost with it; `undefined` when that is not known. */
  readonly lost: number | undefined;
}

/** The part of a log that is not in its data file. */
export interface LogContents {
  /** All writes of this generation, and of those before, are in the data file. */
  readonly checkpointed: number;
  /** The generation that was written last; `checkpointed` when the log holds nothing. */
  readonly latest: number;
  readonly salt: Buffer | undefined;
  /** The generations after `checkpointed`, oldest first, as far as they can be read. */
  readonly segments: readonly SegmentContents[];
  readonly problems: readonly LogProblem[];
}

interface SegmentFile {
  readonly path: string;
  /** `undefined` when the file is missing. */
  readonly bytes: Buffer | undefined;
  readonly notes: SegmentNotes;
  /** The groups that carry the store's salt. */
  readonly contents: SegmentContents | undefined;
}

/** Reads the log in a folder, and compares it with what the data file and the segments themselves say of it. */
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

/** Reads a log as formats 2 and 3 left it: nothing is known of the segments that should be there. */
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

/** Reads whatever a log holds whose data file cannot be asked: the one that went on last, and the one before. */
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

/** Returns the error for a log that is not whole. */
export function logError(folder: string, problems: readonly LogProblem[]): RingmainError {
  return new RingmainError(
    "store_unavailable",
    `The log in ${folder} is incomplete: ${problems.map(describeProblem).join("; ")}. Ringmain has not changed it. ` +
      `If you have the right files, put them back: nothing is lost then. ` +
      `Otherwise run 'ringmain repair --data ${folder}' to continue with the readable part`,
  );
}

/** Says what is wrong with a segment, and what is lost by it. */
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

/** The groups of a generation, in whichever file they are: it may have been given the other one's name. */
function contentsOf(files: readonly SegmentFile[], generation: number): SegmentContents {
  const found = files.find(({ contents }) => contents?.generation === generation)?.contents;
  return found ?? { generation, groups: [], lost: 0 };
}

/** A generation has begun when the data file, the end of the one before it, or a group of its own says so. */
function latestGeneration(files: readonly SegmentFile[], { begun, salt }: LogState): number {
  for (let latest = begun; ; latest += 1) {
    const hasEnded = countIn(files, "ended", latest, salt) !== undefined;
    const goesOn = files.some(({ contents }) => contents?.generation === latest + 1);
    if (!hasEnded && !goesOn) return latest;
  }
}

/** The count in a note about this generation of this store, in whichever file it stands. */
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

/** A segment that nothing is needed of may be anything but what another store has not taken over yet. */
function findStranger(file: SegmentFile, salt: Buffer, latest: number): LogProblem | undefined {
  const { path, bytes, notes, contents } = file;
  if (contents !== undefined && contents.generation > latest) return { path, detail: FROM_LATER, lost: undefined };
  const { begun } = notes;
  if (bytes === undefined || begun === undefined || begun.salt.equals(salt)) return undefined;
  const held = readSegment(bytes, begun.salt)?.groups.length ?? 0;
  const detail = `holds ${held} groups of writes of another store, or of another state of this one`;
  return held === 0 ? undefined : { path, detail, lost: 0 };
}
