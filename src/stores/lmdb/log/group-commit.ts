import { RingmainError, toError } from "../../../core/errors.ts";
import type { TableWrite } from "../file/data-file.ts";
import type { RoomNeed } from "./room.ts";
import type { StoreFile } from "./store-file.ts";

/** The writes of a group that is being formed. */
export interface GroupDraft {
  readonly writes: readonly TableWrite[];
  /** Number of writes that the group will have. */
  readonly size: number;
  /** Bytes of their values. */
  readonly bytes: number;
}

/** A change to the store that is written completely or not at all. */
export interface Change<D extends GroupDraft> {
  /** Room that the change needs in the store. The change is refused if there is less. */
  readonly room?: RoomNeed;
  /**
   * Adds the change's writes to a draft. It sees the contents of the file and, through the draft, the earlier changes
   * of the same group. If it throws, it must do so before it adds a write; then only this change fails.
   */
  readonly draft: (draft: D) => void;
  /** Called when the change is on disk, before any other change is processed. */
  readonly applied?: () => void;
  /** Called when the change has not been written. */
  readonly failed?: () => void;
}

/** A change without a waiting caller. */
export type LateChange<D extends GroupDraft> = Pick<Change<D>, "draft" | "applied">;

interface Pending<D extends GroupDraft> {
  readonly change: Change<D>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds that a late change waits for a group that it can join. */
const LINGER_MS = 20;
/** Milliseconds that late changes wait after a failure, unless other changes are written. */
const LATE_RETRY_MS = 500;

/**
 * Writes changes in groups. While one group is being flushed, the next one forms, so that any number of concurrent
 * callers share a flush. Groups are strictly sequential: a group is drafted only when the group before it has ended. A
 * draft is therefore based on durable state, and a failed group leaves nothing to undo. Measured in docs/hot-path.md.
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
   * @param options.begin creates the empty draft of a group
   * @param options.finish adds the writes that each group needs once
   * @param options.applied called when a group is on disk, before its changes resolve
   * @param options.failed called when a group has failed and the file has been reopened
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

  /**
   * Writes a change. Resolves when it is on disk. Rejects with the error of `draft`, or with `store_unavailable`; the
   * change has then not been applied.
   */
  async write(change: Change<D>): Promise<void> {
    if (this.#closed) {
      // Fails asynchronously, like every other failure.
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
   * Writes a change with the next group. If there is none within 20 ms, the change forms its own. While others write,
   * it therefore costs no flush of its own. A failed write is repeated until the store is closed.
   *
   * Throws `store_unavailable` if the store is closed.
   */
  writeLate(change: LateChange<D>): void {
    if (this.#closed) throw closedError();
    this.#late.push(change);
    if (this.#running === undefined) this.#linger(LINGER_MS);
  }

  /** Accepts no further changes. Resolves when all accepted changes have ended. */
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
    // All changes of this turn of the event loop join the first group.
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
    resolveAll(written);
    if (this.#late.length > 0) this.#linger(lingerMs);
  }

  /**
   * Writes the next group. Returns its changes, whose callers have not been notified yet; `undefined` if the group
   * failed.
   *
   * @param written changes of the previous group, whose callers are notified as soon as this group is on its way, so
   * that the disk does not wait for them
   */
  async #writeGroup(written: readonly Pending<D>[]): Promise<Pending<D>[] | undefined> {
    for (let wait = this.#whenReady(); wait !== undefined; wait = this.#whenReady()) await wait;
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
        resolveAll(written);
      }
      await committed;
    } catch (thrown) {
      // If the file could not be opened, nothing was drafted, and no pending change can be written.
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

  #whenReady(): Promise<void> | undefined {
    return this.#file.ready() ?? this.#file.room.whenKnown(this.#pending[0]?.change.room);
  }

  /** Adds late changes to the draft, as many as fit into one group. */
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
   * Adds pending changes to the draft. A change without room ends the group, and the room is checked before the next
   * one. Throws if a change failed after it had added a write.
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
      // The file could not be reopened either. The next group tries again.
    }
  }

  async #shedMappedPages(): Promise<void> {
    try {
      await this.#file.shedMappedPages();
    } catch {
      // The file could not be reopened. The next commit tries again, and fails with the reason.
    }
  }
}

/** Adds a change to a group. If the change fails without having added a write, only this change fails. */
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

function resolveAll(group: readonly { readonly resolve: () => void }[]): void {
  for (const { resolve } of group) resolve();
}

function fail<D extends GroupDraft>({ change, reject }: Pending<D>, thrown: unknown): void {
  change.failed?.();
  reject(toError(thrown));
}

function closedError(): RingmainError {
  return new RingmainError("store_unavailable", "The store is closed");
}
