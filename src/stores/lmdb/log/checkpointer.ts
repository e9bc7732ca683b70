import { RingmainError, toError } from "../../../core/errors.ts";
import { logStateWrite, type LogState } from "./log-state.ts";
import type { OverlaidEntry, Overlay } from "./overlay.ts";
import type { Room } from "./room.ts";
import type { StepWriter } from "./step-writer.ts";

/** The writes of a generation that has ended. */
interface Frozen {
  readonly overlay: Overlay;
  readonly generation: number;
}

/**
 * Copies the writes of the log's previous generation into the data file, in the background.
 * - *idle*: there is no such generation. Left by {@link freeze}.
 * - *frozen*: its writes are in memory, in the log, and partly in the data file. {@link copyFrozen} leads back to *idle*
 *   when all writes are in the data file. If the data file cannot be written, the remaining writes stay in memory,
 *   {@link stuck} contains the reason, and `copyFrozen` must be called again.
 */
export class Checkpointer {
  readonly #steps: StepWriter;
  readonly #room: Room;
  readonly #active: () => Overlay;
  readonly #stateAfter: (generation: number) => LogState;
  #frozen: Frozen | undefined;
  #bytes = 0;
  #running: Promise<RingmainError | undefined> | undefined;
  #stuck: RingmainError | undefined;

  /**
   * @param options.active returns the writes since the generation ended
   * @param options.stateAfter returns the state of the log after a generation has been copied
   */
  constructor(options: {
    readonly steps: StepWriter;
    readonly room: Room;
    readonly active: () => Overlay;
    readonly stateAfter: (generation: number) => LogState;
  }) {
    this.#steps = options.steps;
    this.#room = options.room;
    this.#active = options.active;
    this.#stateAfter = options.stateAfter;
  }

  /** The writes that are being copied. */
  get frozen(): Overlay | undefined {
    return this.#frozen?.overlay;
  }

  /**
   * Bytes of the frozen writes. While they are being copied, this includes the copied ones, because the room was
   * measured before that.
   */
  get bytes(): number {
    return this.#bytes;
  }

  /** The reason why the latest attempt failed. */
  get stuck(): RingmainError | undefined {
    return this.#stuck;
  }

  /** Sets the generation to copy. Allowed only in the state *idle*. */
  freeze(overlay: Overlay, generation: number): void {
    this.#frozen = { overlay, generation };
    this.#bytes = overlay.bytes;
  }

  /**
   * Copies the frozen writes into the data file. Resolves when they are all there, or with the reason why they could
   * not be written.
   */
  copyFrozen(): Promise<RingmainError | undefined> {
    this.#running ??= this.#tryToCopyFrozen();
    return this.#running;
  }

  /** Does the same as {@link copyFrozen}, but rejects with the reason, a `store_unavailable` error. */
  async copyFrozenOrThrow(): Promise<void> {
    const stuck = await this.copyFrozen();
    if (stuck !== undefined) throw stuck;
  }

  async #tryToCopyFrozen(): Promise<RingmainError | undefined> {
    try {
      await this.#writeFrozen();
      this.#stuck = undefined;
      this.#frozen = undefined;
    } catch (thrown) {
      this.#stuck = thrown instanceof RingmainError ? thrown : unavailable(toError(thrown).message, thrown);
    }
    this.#bytes = this.#frozen?.overlay.bytes ?? 0;
    this.#room.measure();
    this.#running = undefined;
    return this.#stuck;
  }

  /**
   * Copies the frozen writes. Removals come first, also those of the active generation, because they free space on a
   * full disk.
   */
  async #writeFrozen(): Promise<void> {
    if (this.#frozen === undefined) return;
    const { overlay, generation } = this.#frozen;
    const active = this.#active();
    if (this.#stuck !== undefined) await this.#steps.write(active.all(), isRemoval, () => {});
    await this.#steps.write(overlay.all(), isRemoval, (step) => overlay.forget(step));
    await this.#steps.write(
      overlay.all(),
      // An entry that was written again since is also in the active generation.
      (entry) => !active.covers(entry),
      (step) => overlay.forget(step),
    );
    await this.#steps.commit([logStateWrite(this.#stateAfter(generation))]);
  }
}

function isRemoval({ value }: OverlaidEntry): boolean {
  return value === undefined;
}

function unavailable(message: string, cause: unknown): RingmainError {
  return new RingmainError("store_unavailable", message, { cause });
}
