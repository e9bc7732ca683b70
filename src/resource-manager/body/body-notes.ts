import { nearestName } from "../../core/nearest-name.ts";

/** Receives the oddities that a reader noticed in a body without refusing it. */
export interface BodyNotes {
  /** Records an unknown name, with the names that are known there. */
  unknown(path: string, names: readonly string[]): void;
  /** Records a name that occurs more than once. */
  repeated(path: string): void;
}

/** Most names that are recorded for each body, so that a client cannot fill the log. */
const MAX_LISTED = 10;
const MAX_PATH_CHARS = 200;

/** The members of a body that deserve a warning, by their paths. */
export interface NotedMembers {
  readonly unknownMembers: readonly string[];
  readonly repeatedMembers: readonly string[];
}

/** Collects the unknown and the repeated members of one body. */
export class CollectedNotes implements BodyNotes, NotedMembers {
  readonly #unknown: string[] = [];
  readonly #repeated: string[] = [];

  /** The first ten unknown paths, each with the name that was probably meant. */
  get unknownMembers(): readonly string[] {
    return this.#unknown;
  }

  /** The first ten paths that occurred more than once. */
  get repeatedMembers(): readonly string[] {
    return this.#repeated;
  }

  unknown(path: string, names: readonly string[]): void {
    if (this.#unknown.length >= MAX_LISTED) return;
    const meant = nearestName(path.slice(path.lastIndexOf(".") + 1), names);
    const hint = meant === undefined ? "" : ` (did you mean '${meant}'?)`;
    this.#unknown.push(path.slice(0, MAX_PATH_CHARS) + hint);
  }

  repeated(path: string): void {
    if (this.#repeated.length < MAX_LISTED) this.#repeated.push(path.slice(0, MAX_PATH_CHARS));
  }
}

/** Notes that are discarded. */
export const NO_NOTES: BodyNotes = { unknown() {}, repeated() {} };
