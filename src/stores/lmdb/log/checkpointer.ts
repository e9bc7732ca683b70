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
 * Takes over into the data file the generation of the log that has ended, in the background.
 *
 * - *Idle*: there is no such generation. `freeze` ends that.
 * - *Frozen*: its writes are in memory, in the log, and partly in the data file. `takeOver` leads back to idle; where
 *   the data file cannot be written it leaves what is missing, and the reason (`stuck`), and is to be called again.
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
   * @param options.active the writes since the generation ended
   * @param options.stateAfter the state of the log once a generation has been taken over
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

  /** The writes that are being taken over. */
  get frozen(): Overlay | undefined {
    return this.#frozen?.overlay;
  }

  /** Bytes of the frozen writes; while they are being taken over those of all, as the room was measured before. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The reason why the latest try failed. */
  get stuck(): RingmainError | undefined {
    return this.#stuck;
  }

  /** Gives it a generation to be taken over; only while it is idle. */
  freeze(overlay: Overlay, generation: number): void {
    this.#frozen = { overlay, generation };
    this.#bytes = overlay.bytes;
  }

  /** Resolves when the frozen writes are in the data file; or, with the reason, when they could not be written there. */
  takeOver(): Promise<RingmainError | undefined> {
    this.#running ??= this.#tryToTakeOver();
    return this.#running;
  }

  /** The same. Errors: `store_unavailable`. */
  async takeOverOrThrow(): Promise<void> {
    const stuck = await this.takeOver();
    if (stuck !== undefined) throw stuck;
  }

  async #tryToTakeOver(): Promise<RingmainError | undefined> {
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

  /** Removals come first: on a full disk they make room for the rest, and so do those that were made since. */
  async #writeFrozen(): Promise<void> {
    if (this.#frozen === undefined) return;
    const { overlay, generation } = this.#frozen;
    const active = this.#active();
    if (this.#stuck !== undefined) await this.#steps.write(active.all(), isRemoval, () => {});
    await this.#steps.write(overlay.all(), isRemoval, (step) => overlay.forget(step));
    await this.#steps.write(
      overlay.all(),
      // An entry that was written again since is in the log a second time.
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
