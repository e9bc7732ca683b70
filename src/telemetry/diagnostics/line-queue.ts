import { toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";

/** Destination of lines. */
export interface LineSink {
  /** Appends whole lines. Resolves when they are written. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Maximum characters that wait for a slow disk. Further lines are dropped, and their number is logged. */
const MAX_WAITING_CHARS = 4_194_304;

/** Writes lines to a sink, many in one write, without making callers wait. */
export class LineQueue {
  readonly #sink: LineSink;
  readonly #logger: Logger;
  #waiting: string[] = [];
  #waitingChars = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  constructor(sink: LineSink, logger: Logger) {
    this.#sink = sink;
    this.#logger = logger;
  }

  /** Adds one line: a value that is converted to JSON. */
  add(value: object): void {
    const line = JSON.stringify(value);
    if (this.#waitingChars + line.length > MAX_WAITING_CHARS) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingChars += line.length;
    this.#writing ??= this.#run();
  }

  /** Resolves when every earlier line has been written. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#sink.close();
  }

  async #run(): Promise<void> {
    // Waits, so that all lines added in this tick are part of one write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingChars = 0;
      await this.#write(lines);
    }
    this.#writing = undefined;
  }

  async #write(lines: readonly string[]): Promise<void> {
    try {
      await this.#sink.write(`${lines.join("\n")}\n`);
    } catch (thrown) {
      this.#dropped += lines.length;
      this.#logger.warn("diagnostics_failed", { error: toError(thrown).message });
    }
    if (this.#dropped === 0) return;
    this.#logger.warn("diagnostics_dropped", { lines: this.#dropped });
    this.#dropped = 0;
  }
}
