import { RingmainError, toError } from "../../../core/errors.ts";
import type { TableWrite } from "../file/data-file.ts";
import type { RoomNeed } from "./room.ts";
import type { StoreFile } from "./store-file.ts";

/** The writes of one group while they are gathered. */
export interface GroupDraft {
  readonly writes: readonly TableWrite[];
  /** How many writes there will be. */
  readonly size: number;
  /** Bytes of their values. */
  readonly bytes: number;
}

/** A change to the store that is written whole or not at all. */
export interface Change<D extends GroupDraft> {
  /** The room it needs in the store; it is refused where there is less. */
  readonly room?: RoomNeed;
  /**
   * Adds its writes to a draft. Sees what the file holds and, through the draft, what earlier changes of the same
   * group are about to do. Must throw, if at all, before it adds anything; then only this change fails.
   */
  readonly draft: (draft: D) => void;
  /** Runs once the change is on disk, before anything else can happen. */
  readonly applied?: () => void;
  /** Runs instead when the change was not written. */
  readonly failed?: () => void;
}

/** A change that nobody waits for. */
export type LateChange<D extends GroupDraft> = Pick<Change<D>, "draft" | "applied">;

interface Pending<D extends GroupDraft> {
  readonly change: Change<D>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A late change waits no longer than this for a group that it can join. */
const LINGER_MS = 20;
/** After a failure late changes wait this long, unless somebody writes. */
const LATE_RETRY_MS = 500;

/**
 * Writes changes in groups: while one group is being flushed, the next one gathers, so that any number of concurrent
 * callers share a flush. Groups follow one another strictly, and a group is drafted only when the one before it has
 * ended; so a draft builds on what is certain, and a failed group leaves nothing to undo.
 * Measured in docs/hot-path.md.
 */
export class GroupCommit<D extends GroupDraft> {
  readonly #file: StoreFile;
  readonly #begin: () => D;
  readonly #finish: (draft: D) => void;
  readonly #applied: (draft: D) => void;
  readonly #failed: () => void;
  #pending: Pending<D>[] = [];
  #late: LateChange<D>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  /**
   * @param options.begin makes an empty draft for each group
   * @param options.finish adds to each draft what is written once a group
   * @param options.applied runs when a group is on disk, before its changes are told
   * @param options.failed runs when a group has failed and the file was opened anew
   */
  constructor(
    file: StoreFile,
    options: {
      readonly begin: () => D;
      readonly finish: (draft: D) => void;
      readonly applied: (draft: D) => void;
      readonly failed: () => void;
    },
  ) {
    this.#file = file;
    this.#begin = options.begin;
    this.#finish = options.finish;
    this.#applied = options.applied;
    this.#failed = options.failed;
  }

  /** Resolves when the change is on disk. Errors: what `draft` threw; `store_unavailable`, and nothing was changed. */
  async write(change: Change<D>): Promise<void> {
    if (this.#closed) {
      // Not in the caller's turn, as with every other failure.
      await Promise.resolve();
      change.failed?.();
      throw closedError();
    }
    await new Promise<void>((resolve, reject) => {
      this.#pending.push({ change, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /**
   * Writes a change with the next group, which it does not cause before 20 ms have passed: so it costs no flush of its
   * own while others write. What cannot be written is tried again until the store is closed.
   *
   * Errors: `store_unavailable` when the store is closed.
   */
  writeLate(change: LateChange<D>): void {
    if (this.#closed) throw closedError();
    this.#late.push(change);
    if (this.#running === undefined) this.#linger(LINGER_MS);
  }

  /** Takes no more changes, and resolves when all that were given have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#late.length > 0) this.#running ??= this.#run();
    while (this.#running !== undefined) await this.#running;
  }

  #linger(ms: number): void {
    // oxlint-disable-next-line no-restricted-globals -- bounds how long memory is ahead of the disk; no behaviour waits for it
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#running ??= this.#run();
    }, ms);
  }

  async #run(): Promise<void> {
    // Whoever else writes in this turn of the event loop joins the first group.
    await new Promise((resolve) => setImmediate(resolve));
    let written: readonly Pending<D>[] = [];
    let lingerMs: number;
    do {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      const group = await this.#writeGroup(written);
      lingerMs = group === undefined ? LATE_RETRY_MS : LINGER_MS;
      written = group ?? [];
      await this.#shedMappedPages();
    } while (this.#pending.length > 0 || (this.#closed && this.#late.length > 0));
    this.#running = undefined;
    tell(written);
    if (this.#late.length > 0) this.#linger(lingerMs);
  }

  /**
   * Answers the changes that are on disk now and were not told yet; `undefined` when the group failed.
   *
   * @param written changes of the group before: told as soon as this one is on its way, so that the disk does not wait
   * for what their callers do next
   */
  async #writeGroup(written: readonly Pending<D>[]): Promise<Pending<D>[] | undefined> {
    for (let wait = this.#notReady(); wait !== undefined; wait = this.#notReady()) await wait;
    const draft = this.#begin();
    const group: Pending<D>[] = [];
    const late: LateChange<D>[] = [];
    let committed: Promise<void> | undefined;
    try {
      try {
        this.#file.ensureOpen();
        this.#draftLate(draft, late);
        this.#draftGroup(draft, group);
        this.#finish(draft);
        const isArriving = group.some(({ change }) => change.room?.purpose === "arriving");
        committed = draft.writes.length > 0 ? this.#file.commit(draft.writes, isArriving) : undefined;
      } finally {
        tell(written);
      }
      await committed;
    } catch (thrown) {
      // Nothing was drafted when the file could not even be opened: then nobody's change can be written.
      if (group.length === 0 && committed === undefined) group.push(...this.#pending.splice(0));
      if (!this.#closed) this.#late = [...late, ...this.#late];
      this.#recover();
      for (const pending of group) fail(pending, thrown);
      return undefined;
    }
    this.#applied(draft);
    for (const change of late) change.applied?.();
    for (const { change } of group) change.applied?.();
    return group;
  }

  #notReady(): Promise<void> | undefined {
    return this.#file.ready() ?? this.#file.room.found(this.#pending[0]?.change.room);
  }

  /** Moves late changes to the group, as many as fit into one. */
  #draftLate(draft: D, group: LateChange<D>[]): void {
    const limits = this.#file.room.groupLimits;
    for (const change of this.#late) {
      if (draft.size >= limits.writes) break;
      group.push(change);
      change.draft(draft);
    }
    this.#late = this.#late.slice(group.length);
  }

  /**
   * Moves changes from those pending to the group. One without room ends the group: whether there is room for it is
   * found out before the next one. Throws when one of them failed half way.
   */
  #draftGroup(draft: D, group: Pending<D>[]): void {
    let taken = 0;
    const limits = this.#file.room.groupLimits;
    try {
      for (const pending of this.#pending) {
        if (draft.size >= limits.writes || draft.bytes >= limits.bytes) break;
        const { room } = pending.change;
        const refusal = room && this.#file.findRefusal(room, draft.bytes);
        if (refusal !== undefined && group.length > 0) break;
        taken += 1;
        if (refusal === undefined) draftOne(draft, group, pending);
        else fail(pending, refusal);
      }
    } finally {
      this.#pending = this.#pending.slice(taken);
    }
  }

  #recover(): void {
    try {
      this.#failed();
    } catch {
      // The file could not be opened either; the next group tries again.
    }
  }

  async #shedMappedPages(): Promise<void> {
    try {
      await this.#file.shedMappedPages();
    } catch {
      // The file could not be opened anew: the next commit tries again, and says why it cannot.
    }
  }
}

/** Adds a change to a group, or fails it by itself as long as it has added nothing. */
function draftOne<D extends GroupDraft>(draft: D, group: Pending<D>[], pending: Pending<D>): void {
  group.push(pending);
  const before = draft.writes.length;
  try {
    pending.change.draft(draft);
  } catch (thrown) {
    if (draft.writes.length > before) throw thrown;
    group.pop();
    fail(pending, thrown);
  }
}

function tell(group: readonly { readonly resolve: () => void }[]): void {
  for (const { resolve } of group) resolve();
}

function fail<D extends GroupDraft>({ change, reject }: Pending<D>, thrown: unknown): void {
  change.failed?.();
  reject(toError(thrown));
}

function closedError(): RingmainError {
  return new RingmainError("store_unavailable", "The store is closed");
}
