import { RingmainError } from "../../../core/errors.ts";
import type { DataFile } from "../file/data-file.ts";
import { availableBytes, usableBytes, type FileSpace } from "../file/file-space.ts";

/** A disk with so much left is not looked at more closely, and nothing but the reserve is taken of it in advance. */
const PLENTY_BYTES = 2 ** 30;
/** A byte of the log may take so many in the data file: pages are half full where keys come in no order. */
export const COST_FACTOR = 2;
/**
 * Free in the data file at any time, so that the ends of deliveries can be taken over: LMDB writes each page that it
 * changes anew, and may use the old one again only two transactions later.
 */
export const RESERVE_BYTES: number = 2 ** 19;
/** Arrivals leave so much room to those who settle deliveries. */
const SETTLING_BYTES = 2 ** 19;
/** More room is made when there is not so much left. */
const AHEAD_BYTES = 2 ** 20;
/** The disk is asked again after this time, while it has plenty and while it has nothing. */
const ASK_AGAIN_MS = 500;

/** Room that a change needs. */
export interface RoomNeed {
  readonly bytes: number;
  /** The length of the longest value. */
  readonly longest: number;
  /** Settling may use what arrivals may not. */
  readonly purpose: "arriving" | "settling";
}

const NO_SPACE: FileSpace = { pageBytes: 1, tail: 0, runs: [] };
const NO_NEED: RoomNeed = { bytes: 0, longest: 0, purpose: "arriving" };

/** The bounds of a group of changes. */
export interface GroupLimits {
  readonly writes: number;
  readonly bytes: number;
}

/**
 * Usual bounds. Not larger, so that those whose changes are written come back with their next request while the rest is
 * being written: with one large group at a time, disk and process wait for each other.
 */
const GROUP_LIMITS: GroupLimits = { writes: 20_000, bytes: 2 ** 19 };
/** On a disk that may be full: such a group fits into what each segment has of the disk from the beginning. */
const SMALL_GROUP_LIMITS: GroupLimits = { writes: 3_000, bytes: 2 ** 16 };

/** The log whose contents need room. */
export interface RoomUser {
  /** Bytes that are in the log and not in the data file, as far as the room was measured without them. */
  heldBytes(): number;
  /** The length of the longest value among them. */
  longestHeld(): number;
  /** Takes the log's contents over into the data file, where they take no more room than they need. */
  checkpoint(): Promise<void>;
}

/**
 * The room for what a log holds in the data file behind it.
 *
 * - *Plenty*: the disk has much more than the log can hold. It is asked again and again, twice a second while the store
 *   is written to; nothing is refused.
 * - *Scarce*: the disk has less, or a write failed. The data file is made longer in advance, as the log grows: what is
 *   acknowledged has its place there already, whoever else fills the disk. When it cannot be made longer, the free pages
 *   inside it are what there is, and the log is taken over early. What has no room then is refused; it is looked for
 *   again at most twice a second.
 *
 * So a log can always be emptied into its data file, and deliveries can be settled on a full disk, which makes room.
 */
export class Room {
  readonly #file: DataFile;
  readonly #user: RoomUser;
  #isScarce = false;
  #space: FileSpace = NO_SPACE;
  /** The search for room that is under way. Never rejects. */
  #looking: Promise<void> | undefined;
  /** Runs while the latest search is not to be repeated. */
  #timer: NodeJS.Timeout | undefined;

  constructor(file: DataFile, user: RoomUser) {
    this.#file = file;
    this.#user = user;
  }

  get isScarce(): boolean {
    return this.#isScarce;
  }

  /** How large a group of changes may be now. */
  get groupLimits(): GroupLimits {
    return this.#isScarce ? SMALL_GROUP_LIMITS : GROUP_LIMITS;
  }

  /**
   * Resolves once it is known whether there is room for a change; `undefined` when that is known already. Never rejects.
   */
  found(need: RoomNeed = NO_NEED): Promise<void> | undefined {
    if (this.has(need, 0)) return undefined;
    this.#lookFor(need);
    return this.#looking;
  }

  /** Whether there is room for a change, beside `drafted` bytes that are about to be committed. */
  has(need: RoomNeed, drafted: number): boolean {
    if (!this.#isScarce) return true;
    return this.#neededFor(need, drafted) <= this.#usable(need.longest);
  }

  /** Makes more room in the background when little is left, or when the disk has not been asked for a while. */
  keepAhead(): void {
    if (!this.#isScarce || this.#needed(SETTLING_BYTES + AHEAD_BYTES) > this.#usable(0)) this.#lookFor(NO_NEED);
  }

  /** Finds out how much room there is, and makes more where it is too little for a change or soon will be. */
  async look(need: RoomNeed = NO_NEED): Promise<void> {
    try {
      let isFound = await this.#provide(need);
      if (!isFound) {
        await this.#user.checkpoint();
        isFound = await this.#provide(need);
      }
      if (isFound && this.#isScarce) return;
    } catch {
      // Nothing more is known than before; it is tried again.
    }
    this.#askAgainLater();
  }

  /** There is no room although it seemed so, since a write failed; until `look` finds some. */
  exhaust(): void {
    this.#isScarce = true;
    this.#space = NO_SPACE;
    this.#askAgainLater();
  }

  /** Measures again how much there is, once the data file has taken some of it. Errors: `store_unavailable`. */
  measure(): void {
    if (this.#isScarce) this.#space = this.#file.measureSpace();
  }

  /** Returns the reason for a refusal. */
  fullError(): RingmainError {
    return new RingmainError(
      "store_unavailable",
      `Cannot write to ${this.#file.path} (is the disk full?): it has no space until deliveries end or the disk has free space`,
    );
  }

  /** Resolves when nothing is looked for any more. */
  async close(): Promise<void> {
    await this.#looking;
    clearTimeout(this.#timer);
  }

  /** Returns whether there is as much as is wanted; what is committed meanwhile may use it up. */
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

  /** Should the disk be full all of a sudden, there is enough at the end of the file to take over what ends. */
  async #keepReserve(): Promise<void> {
    const { tail, pageBytes } = this.#file.measureSpace("end");
    if (tail * pageBytes < RESERVE_BYTES) await this.#file.extend(RESERVE_BYTES - tail * pageBytes);
  }

  /** Bytes of the data file for values up to this length, those that are held included. */
  #usable(longest: number): number {
    return usableBytes(this.#space, Math.max(longest, this.#user.longestHeld()));
  }

  #neededFor({ bytes, purpose }: RoomNeed, drafted: number): number {
    return this.#needed(COST_FACTOR * (drafted + bytes) + (purpose === "arriving" ? SETTLING_BYTES : 0));
  }

  /** The bytes of the data file that must be free for the log's contents, for the reserve, and for `more`. */
  #needed(more: number): number {
    return COST_FACTOR * this.#user.heldBytes() + RESERVE_BYTES + more;
  }

  #lookFor(need: RoomNeed): void {
    if (this.#timer !== undefined) return;
    this.#looking ??= this.look(need).finally(() => (this.#looking = undefined));
  }

  #askAgainLater(): void {
    // oxlint-disable-next-line no-restricted-globals -- bounds how often the disk is asked, not any behaviour
    this.#timer ??= setTimeout(() => (this.#timer = undefined), ASK_AGAIN_MS).unref();
  }
}
