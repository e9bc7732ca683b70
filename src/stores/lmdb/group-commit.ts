import { RingmainError, toError } from "../../core/errors.ts";
import type { DataFile } from "./data-file.ts";
import { Draft } from "./draft.ts";

/** A change to the store that is written whole or not at all. */
export interface Change {
  /**
   * Adds its writes to a draft. Sees what the file holds and, through the draft, what earlier changes of the same
   * group are about to do. Must throw, if at all, before it adds anything; then only this change fails.
   */
  readonly draft: (draft: Draft) => void;
  /** Runs once the change is on disk, before anything else can happen. */
  readonly applied?: () => void;
  /** Runs instead when the change was not written. */
  readonly failed?: () => void;
}

interface Pending {
  readonly change: Change;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A group ends when it has reached this many writes. */
const GROUP_WRITES = 20_000;
/** Or this many bytes. */
const GROUP_BYTES = 2 ** 23;

/**
 * Writes changes in groups: while one group is being flushed, the next one gathers, so that any number of concurrent
 * callers share a flush. Groups follow one another strictly, and a group is drafted only when the one before it has
 * ended; so a draft builds on what is certain, and a failed group leaves nothing to undo.
 */
export class GroupCommit {
  readonly #file: DataFile;
  readonly #finish: (draft: Draft) => void;
  readonly #applied: (draft: Draft) => void;
  readonly #failed: () => void;
  #pending: Pending[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /**
   * @param options.finish adds to each draft what is written once a group
   * @param options.applied runs when a group is on disk, before its changes are told
   * @param options.failed runs when a group has failed and the file was opened anew
   */
  constructor(
    file: DataFile,
    options: {
      readonly finish: (draft: Draft) => void;
      readonly applied: (draft: Draft) => void;
      readonly failed: () => void;
    },
  ) {
    this.#file = file;
    this.#finish = options.finish;
    this.#applied = options.applied;
    this.#failed = options.failed;
  }

  /** Resolves when the change is on disk. Errors: what `draft` threw; `store_unavailable`, and nothing was changed. */
  async write(change: Change): Promise<void> {
    if (this.#closed) {
      // Not in the caller's turn, as with every other failure.
      await Promise.resolve();
      change.failed?.();
      throw new RingmainError("store_unavailable", "The store is closed");
    }
    await new Promise<void>((resolve, reject) => {
      this.#pending.push({ change, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Takes no more changes, and resolves when all that were given have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // Whoever else writes in this turn of the event loop joins the first group.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      await this.#writeGroup();
      await this.#shedMappedPages();
    }
    this.#running = undefined;
  }

  async #writeGroup(): Promise<void> {
    const draft = new Draft(this.#file);
    const group: Pending[] = [];
    try {
      this.#file.ensureOpen();
      this.#draftGroup(draft, group);
      this.#finish(draft);
      if (draft.writes.length > 0) await this.#file.commit(draft.writes);
    } catch (thrown) {
      // Nothing was drafted when the file could not even be opened: then nobody's change can be written.
      if (group.length === 0) group.push(...this.#pending.splice(0));
      this.#recover();
      for (const pending of group) fail(pending, thrown);
      return;
    }
    this.#applied(draft);
    for (const { change } of group) change.applied?.();
    for (const { resolve } of group) resolve();
  }

  /** Moves changes from those pending to the group. Throws when one of them failed half way. */
  #draftGroup(draft: Draft, group: Pending[]): void {
    let taken = 0;
    try {
      for (const pending of this.#pending) {
        if (draft.writes.length >= GROUP_WRITES || draft.bytes >= GROUP_BYTES) break;
        taken += 1;
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

function fail({ change, reject }: Pending, thrown: unknown): void {
  change.failed?.();
  reject(toError(thrown));
}
