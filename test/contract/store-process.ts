import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const root = new URL("../../", import.meta.url).pathname;
const script = new URL("store-child.mjs", import.meta.url).pathname;

/** Compiles the stores: a process cannot run them from their sources with every version of Node. */
export async function compileStores(): Promise<void> {
  const compiler = createRequire(import.meta.url)
    .resolve("typescript/package.json")
    .replace("package.json", "bin/tsc");
  await promisify(execFile)(process.execPath, [compiler, "-b", "src/stores"], { cwd: root });
}

/** A process that runs `store-child.mjs`. */
export class StoreProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #waiting: (() => void)[] = [];

  /** @param limitBlocks maximum size of its files in blocks of the shell's `ulimit -f` */
  constructor(folder: string, task: string, count = 0, limitBlocks?: number, segmentBytes?: number) {
    const args = [script, folder, task, String(count), ...(segmentBytes === undefined ? [] : [String(segmentBytes)])];
    const stdio = ["pipe", "pipe", "ignore"] as const;
    this.#child =
      limitBlocks === undefined
        ? spawn(process.execPath, args, { stdio: [...stdio] })
        : spawn("sh", ["-c", `ulimit -f ${limitBlocks}; exec "$@"`, "sh", process.execPath, ...args], {
            stdio: [...stdio],
          });
    const output = this.#child.stdout;
    if (output === null) throw new Error("The process has no output");
    const reader = createInterface({ input: output });
    reader.on("line", (line) => {
      this.lines.push(line);
      this.#look();
    });
    // Waits for both, so that all its lines have been read.
    this.#ended = Promise.all([once(this.#child, "exit"), once(reader, "close")]).then(() => this.#look());
  }

  /** Resolves with the first line that begins with a text. Rejects if the process exits without one. */
  async line(beginning: string): Promise<string> {
    let ended = false;
    void this.#ended.then(() => (ended = true));
    for (;;) {
      const found = this.lines.find((line) => line.startsWith(beginning));
      if (found !== undefined) return found;
      if (ended) throw new Error(`Exited before it reported “${beginning}”: ${this.lines.slice(-3).join(" / ")}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      await Promise.resolve();
    }
  }

  /** Returns the rest of each line that begins with `word`. */
  reported(word: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }

  async until(lines: number): Promise<void> {
    while (this.lines.length < lines) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Sends SIGKILL. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Resolves when the process has exited by itself. */
  async finish(): Promise<void> {
    this.#child.stdin?.end("\n");
    await this.#ended;
  }

  #look(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
