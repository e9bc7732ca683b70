import { RingmainError } from "../../../core/errors.ts";
import type { DataFile, TableWrite } from "../file/data-file.ts";
import { usableBytes } from "../file/file-space.ts";
import { LOG_KEY } from "./log-state.ts";
import { writeOf, type OverlaidEntry } from "./overlay.ts";
import { COST_FACTOR, RESERVE_BYTES, type Room } from "./room.ts";

/** Approximate limits of a transaction, so that none blocks the process for long. */
const STEP_WRITES = 1_000;
const STEP_BYTES = 2 ** 20;
/** Limits while room is scarce: LMDB needs a second copy of all pages that a transaction changes. */
const FEWEST_WRITES = 16;
const SCARCE_STEP_BYTES = 2 ** 17;
/** Estimated bytes of the pages that a write changes. Up to three transactions may use such pages at a time. */
const BYTES_OF_WRITE = 3 * 4 * 4_096;

/** Limits on one transaction. */
interface StepLimits {
  readonly writes: number;
  readonly bytes: number;
}

/** Writes entries of the log into the data file, in transactions of limited size. */
export class StepWriter {
  readonly #file: DataFile;
  readonly #room: Room;

  constructor(file: DataFile, room: Room) {
    this.#file = file;
    this.#room = room;
  }

  /**
   * Writes the wanted entries. Rejects with `store_unavailable`; some entries may have been written by then.
   *
   * @param written called with the entries of each transaction when they are on disk
   */
  async write(
    entries: Generator<OverlaidEntry, void, void>,
    wanted: (entry: OverlaidEntry) => boolean,
    written: (step: readonly OverlaidEntry[]) => void,
  ): Promise<void> {
    for (;;) {
      const step = nextStep(entries, wanted, this.#limits());
      if (step.length === 0) return;
      await this.#checkRoom(step);
      await this.commit(step.map(writeOf));
      written(step);
    }
  }

  /** Writes one transaction. Rejects with `store_unavailable`; nothing has been written then. */
  async commit(writes: readonly TableWrite[]): Promise<void> {
    for (let wait = this.#file.ready(); wait !== undefined; wait = this.#file.ready()) await wait;
    this.#file.ensureOpen();
    await this.#file.commit(writes);
  }

  #limits(): StepLimits {
    if (!this.#room.isScarce) return { writes: STEP_WRITES, bytes: STEP_BYTES };
    const writes = Math.floor(usableBytes(this.#file.measureSpace(), 0) / BYTES_OF_WRITE);
    return { writes: Math.min(Math.max(writes, FEWEST_WRITES), STEP_WRITES), bytes: SCARCE_STEP_BYTES };
  }

  /**
   * Throws if there is no room for a transaction, because LMDB may become unusable if it runs out of space. Removals
   * may use a part of the reserve.
   */
  async #checkRoom(step: readonly OverlaidEntry[]): Promise<void> {
    if (!this.#room.isScarce) return;
    let [bytes, longest] = [0, 0];
    for (const { value } of step) {
      bytes += value?.length ?? 0;
      longest = Math.max(longest, value?.length ?? 0);
    }
    const hasRoom = (): boolean =>
      usableBytes(this.#file.measureSpace(), longest) >= COST_FACTOR * bytes + RESERVE_BYTES / 2;
    if (bytes === 0 || hasRoom()) return;
    // Pages that the latest transaction freed can be used after another transaction.
    await this.commit([{ table: "meta", key: LOG_KEY, value: this.#file.get("meta", LOG_KEY) }]);
    if (hasRoom()) return;
    throw new RingmainError(
      "store_unavailable",
      `Cannot write to ${this.#file.path} (is the disk full?): it has no space`,
    );
  }
}

function nextStep(
  entries: Generator<OverlaidEntry, void, void>,
  wanted: (entry: OverlaidEntry) => boolean,
  limits: StepLimits,
): OverlaidEntry[] {
  const step: OverlaidEntry[] = [];
  let bytes = 0;
  while (step.length < limits.writes && bytes < limits.bytes) {
    const next = entries.next();
    if (next.done === true) break;
    if (!wanted(next.value)) continue;
    step.push(next.value);
    bytes += next.value.value?.length ?? 0;
  }
  return step;
}
