import { nearestName } from "../../core/nearest-name.ts";

/** Receives what a reader noticed in a body without refusing it. */
export interface BodyNotes {
  /** A name that fits nothing, and the names that would have. */
  unknown(path: string, names: readonly string[]): void;
  /** A name that stands there more than once. */
  repeated(path: string): void;
}

/** Names that are listed for each body; a client must not fill the log. */
const MAX_LISTED = 10;
const MAX_PATH_CHARS = 200;

/** The members of a body that deserve a warning, by their paths. */
export interface NotedMembers {
  readonly unknownMembers: readonly string[];
  readonly repeatedMembers: readonly string[];
}

/** Collects what was noticed in one body. */
export class CollectedNotes implements BodyNotes, NotedMembers {
  readonly #unknown: string[] = [];
  readonly #repeated: string[] = [];

  /** Paths that fit nothing, the first ten of them, each with the name that was likely meant. */
  get unknownMembers(): readonly string[] {
    return this.#unknown;
  }

  /** Paths that stood there more than once, the first ten of them. */
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

/** For reading where nothing is noted. */
export const NO_NOTES: BodyNotes = { unknown() {}, repeated() {} };
