import { RingmainError } from "../../../core/errors.ts";
import type { DataFile } from "../file/data-file.ts";
import { availableBytes, usableBytes, type FileSpace } from "../file/file-space.ts";

/** Free disk space in bytes above which nothing is refused, and only the reserve is allocated in advance. */
const PLENTY_BYTES = 2 ** 30;
/** Maximum bytes of the data file per byte of the log. Pages are half full if keys arrive in random order. */
export const COST_FACTOR = 2;
/**
 * Bytes of the data file that are always free, so that ended deliveries can be removed. LMDB writes each changed page
 * to a new place and can reuse the old one only two transactions later.
 */
export const RESERVE_BYTES: number = 2 ** 19;
/** Bytes that arriving deliveries must leave free for settling. */
const SETTLING_BYTES = 2 ** 19;
/** Bytes of free room below which more room is allocated. */
const AHEAD_BYTES = 2 ** 20;
/** Milliseconds between two checks of the disk, while it has plenty of space and while it has none. */
const ASK_AGAIN_MS = 500;

/** The room that a change needs. */
export interface RoomNeed {
  readonly bytes: number;
  /** Length of the longest value. */
  readonly longest: number;
  /** Settling may use room that arriving deliveries may not. */
  readonly purpose: "arriving" | "settling";
}

const NO_SPACE: FileSpace = { pageBytes: 1, tail: 0, runs: [] };
const NO_NEED: RoomNeed = { bytes: 0, longest: 0, purpose: "arriving" };

/** Limits on a group of changes. */
export interface GroupLimits {
  readonly writes: number;
  readonly bytes: number;
}

/**
 * Usual limits. They are small enough for callers to return with their next request while other changes are being
 * written. With one large group at a time, the disk and the process would wait for each other.
 */
const GROUP_LIMITS: GroupLimits = { writes: 20_000, bytes: 2 ** 19 };
/** Limits while the disk may be full. Such a group fits into the part of each segment that is always allocated. */
const SMALL_GROUP_LIMITS: GroupLimits = { writes: 3_000, bytes: 2 ** 16 };

/** The log whose contents need room. */
export interface RoomUser {
  /** Returns the bytes that are in the log and not in the data file, unless the last measurement includes them. */
  heldBytes(): number;
  /** Returns the length of the longest value among them. */
  longestHeld(): number;
  /** Copies the log's contents into the data file, where they take only as much room as they need. */
  checkpoint(): Promise<void>;
}

/**
 * Reserves room in the data file for the contents of the log.
 * - *plenty*: the disk has much more free space than the log can need. Entered when a check finds this. Nothing is
 *   refused. While the store is written to, the disk is checked twice a second.
 * - *scarce*: the disk has less, or a write failed. The data file is extended in advance as the log grows, so that
 *   acknowledged writes have their place even if other programs fill the disk. If the file cannot be extended, only its
 *   free pages remain, and the log is copied early. Changes without room are refused; room is looked for at most twice
 *   a second.
 *
 * Therefore the log can always be copied into the data file, and deliveries can be settled on a full disk, which frees
 * space.
 */
export class Room {
  readonly #file: DataFile;
  readonly #user: RoomUser;
  #isScarce = false;
  #space: FileSpace = NO_SPACE;
  /** The search for room in progress. Never rejects. */
  #searching: Promise<void> | undefined;
  /** Set while the latest search must not be repeated. */
  #timer: NodeJS.Timeout | undefined;

  constructor(file: DataFile, user: RoomUser) {
    this.#file = file;
    this.#user = user;
  }

  get isScarce(): boolean {
    return this.#isScarce;
  }

  /** The limits on a group of changes at this time. */
  get groupLimits(): GroupLimits {
    return this.#isScarce ? SMALL_GROUP_LIMITS : GROUP_LIMITS;
  }

  /** Resolves when it is known whether there is room for a change; `undefined` if that is known now. Never rejects. */
  whenKnown(need: RoomNeed = NO_NEED): Promise<void> | undefined {
    if (this.has(need, 0)) return undefined;
    this.#startSearch(need);
    return this.#searching;
  }

  /** Returns whether there is room for a change in addition to `drafted` bytes that are about to be committed. */
  has(need: RoomNeed, drafted: number): boolean {
    if (!this.#isScarce) return true;
    return this.#neededFor(need, drafted) <= this.#usable(need.longest);
  }

  /** Makes more room in the background if little is left, or if the disk has not been checked for a while. */
  keepAhead(): void {
    if (!this.#isScarce || this.#needed(SETTLING_BYTES + AHEAD_BYTES) > this.#usable(0)) this.#startSearch(NO_NEED);
  }

  /** Measures the room, and makes more if there is too little for a change or soon will be. */
  async search(need: RoomNeed = NO_NEED): Promise<void> {
    try {
      let isFound = await this.#provide(need);
      if (!isFound) {
        await this.#user.checkpoint();
        isFound = await this.#provide(need);
      }
      if (isFound && this.#isScarce) return;
    } catch {
      // Nothing new is known. The search is repeated later.
    }
    this.#searchAgainLater();
  }

  /** Notes that there is no room, because a write failed, until {@link search} finds some. */
  exhaust(): void {
    this.#isScarce = true;
    this.#space = NO_SPACE;
    this.#searchAgainLater();
  }

  /** Measures the free room of the data file again after writes to it. Throws `store_unavailable`. */
  measure(): void {
    if (this.#isScarce) this.#space = this.#file.measureSpace();
  }

  /** Returns the error for a refused change. */
  fullError(): RingmainError {
    return new RingmainError(
      "store_unavailable",
      `Cannot write to ${this.#file.path} (is the disk full?): it has no space until deliveries end or the disk has free space`,
    );
  }

  /** Resolves when no search is in progress. */
  async close(): Promise<void> {
    await this.#searching;
    clearTimeout(this.#timer);
  }

  /** Makes room. Returns whether there is enough; concurrent commits may use it up. */
  async #provide({ bytes, longest }: RoomNeed): Promise<boolean> {
    const available = await availableBytes(this.#file.folder);
    if (available !== undefined && available >= PLENTY_BYTES) {
      await this.#keepReserve();
      this.#isScarce = false;
      return true;
    }
    this.#isScarce = true;
    const wanted = this.#needed(SETTLING_BYTES + COST_FACTOR * (bytes + AHEAD_BYTES));
    this.measure();
    const missing = wanted - this.#usable(longest);
    if (missing <= 0) return true;
    await this.#file.extend(missing + Math.max(longest, this.#user.longestHeld()));
    this.measure();
    return wanted <= this.#usable(longest);
  }

  /** Keeps enough free space at the end of the file for removing ended deliveries if the disk suddenly becomes full. */
  async #keepReserve(): Promise<void> {
    const { tail, pageBytes } = this.#file.measureSpace("end");
    if (tail * pageBytes < RESERVE_BYTES) await this.#file.extend(RESERVE_BYTES - tail * pageBytes);
  }

  /** Returns the bytes of the data file that are usable for values up to this length, and for the values in the log. */
  #usable(longest: number): number {
    return usableBytes(this.#space, Math.max(longest, this.#user.longestHeld()));
  }

  #neededFor({ bytes, purpose }: RoomNeed, drafted: number): number {
    return this.#needed(COST_FACTOR * (drafted + bytes) + (purpose === "arriving" ? SETTLING_BYTES : 0));
  }

  /** Returns the bytes of the data file that must be free for the contents of the log, the reserve, and `more`. */
  #needed(more: number): number {
    return COST_FACTOR * this.#user.heldBytes() + RESERVE_BYTES + more;
  }

  #startSearch(need: RoomNeed): void {
    if (this.#timer !== undefined) return;
    this.#searching ??= this.search(need).finally(() => (this.#searching = undefined));
  }

  #searchAgainLater(): void {
    // oxlint-disable-next-line no-restricted-globals -- bounds how often the disk is asked, not any behaviour
    this.#timer ??= setTimeout(() => (this.#timer = undefined), ASK_AGAIN_MS).unref();
  }
}
