import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const root = new URL("../../", import.meta.url).pathname;
const script = new URL("store-child.mjs", import.meta.url).pathname;

/** Compiles the stores, which a process of its own cannot run from the sources on every Node. */
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

  /** @param limitBlocks how large its files may become, in blocks of the shell's `ulimit -f` */
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
    // Both, so that everything it told has been read.
    this.#ended = Promise.all([once(this.#child, "exit"), once(reader, "close")]).then(() => this.#look());
  }

  /** The first line that begins like this. Rejects when the process ends without telling it. */
  async line(beginning: string): Promise<string> {
    let ended = false;
    void this.#ended.then(() => (ended = true));
    for (;;) {
      const found = this.lines.find((line) => line.startsWith(beginning));
      if (found !== undefined) return found;
      if (ended) throw new Error(`Ended before it told “${beginning}”: ${this.lines.slice(-3).join(" / ")}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      await Promise.resolve();
    }
  }

  /** What followed `word` in the lines that begin with it. */
  told(word: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }

  async until(lines: number): Promise<void> {
    while (this.lines.length < lines) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Lets it end by itself. */
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
