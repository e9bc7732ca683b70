import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** What the function tells of one picture; times in milliseconds since 1970. */
export interface Step {
  readonly step: "invoked" | "written";
  readonly name: string;
  readonly at: number;
  readonly raisedAt: number;
}

/** A Ringmain in a process of its own. */
export interface RingmainProcess {
  readonly http: string;
  /** Of the first storage account. */
  readonly connectionString: string;
  /** Waits for the function to tell of a step of a picture; rejects after a minute, or when Ringmain ends. */
  step(step: Step["step"], name: string): Promise<Step>;
  stop(): Promise<void>;
}

interface Line {
  readonly event?: string;
  readonly http?: string;
  readonly storageAccounts?: readonly { readonly connectionString?: string }[];
  /** A line of a hosted app, as it wrote it. */
  readonly line?: string;
  readonly message?: string;
}

/** A step as the function writes it. */
interface Told {
  readonly step?: Step["step"];
  readonly name?: string;
  readonly at?: number;
  readonly raisedAt?: string;
}

const PATIENCE_MS = 60_000;

/** Starts `ringmain start` with these arguments and follows what it and the app it hosts have to say. */
export async function startRingmain(args: readonly string[]): Promise<RingmainProcess> {
  const cli = new URL("../../../bundle/cli/main.js", import.meta.url).pathname;
  const child = spawn(process.execPath, [cli, "start", ...args, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const journal = new Journal(child);
  const ready = await journal.find(({ event }) => event === "ready", "ringmain to be ready");
  const connectionString = ready.storageAccounts?.[0]?.connectionString;
  if (ready.http === undefined || connectionString === undefined) throw new Error("ringmain serves no storage account");
  return {
    http: ready.http,
    connectionString,
    step: async (step, name) => {
      let found: Step | undefined;
      await journal.find(
        (line) => {
          const told = parseStep(line);
          if (told?.step !== step || told.name !== name) return false;
          found = told;
          return true;
        },
        `the function to have ${step === "invoked" ? "been invoked for" : "written the thumbnail of"} ${name}`,
      );
      if (found === undefined) throw new Error("unreachable");
      return found;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** Every line of a process so far, to be waited for. */
class Journal {
  readonly #lines: Line[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;

  constructor(child: ChildProcess) {
    if (child.stdout === null) throw new Error("ringmain has no output");
    const output = createInterface({ input: child.stdout });
    output.on("line", (text) => {
      this.#lines.push(...parseLines(text));
      this.#wake();
    });
    output.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async find(fits: (line: Line) => boolean, what: string): Promise<Line> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    const wake = (): void => this.#wake();
    deadline.addEventListener("abort", wake);
    try {
      for (;;) {
        const found = this.#lines.find(fits);
        if (found !== undefined) return found;
        if (this.#ended || deadline.aborted) throw new Error(`Waited in vain for ${what}. ${this.#tail()}`);
        // oxlint-disable-next-line no-await-in-loop -- waits for the next line
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      deadline.removeEventListener("abort", wake);
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #tail(): string {
    return `Last lines:\n${this.#lines
      .slice(-10)
      .map((line) => JSON.stringify(line))
      .join("\n")}`;
  }
}

/** A line, and the one of the hosted app within it. */
function parseLines(text: string): Line[] {
  const line: Line | undefined = parse(text);
  if (line === undefined) return [];
  const inner: Line | undefined = line.line === undefined ? undefined : parse(line.line);
  return inner === undefined ? [line] : [line, inner];
}

function parseStep({ event, message }: Line): Step | undefined {
  if (event !== "function_log" || message === undefined) return undefined;
  const told: Told | undefined = parse(message);
  if (told?.step === undefined || told.name === undefined || told.at === undefined) return undefined;
  return { step: told.step, name: told.name, at: told.at, raisedAt: Date.parse(told.raisedAt ?? "") };
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Not every line is for us.
    return undefined;
  }
}
