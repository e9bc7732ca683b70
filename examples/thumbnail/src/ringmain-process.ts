import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A step that the function reports for one picture, with times in milliseconds since 1970. */
export interface Step {
  readonly step: "invoked" | "written";
  readonly name: string;
  readonly at: number;
  readonly raisedAt: number;
}

/** A Ringmain that runs in its own process. */
export interface RingmainProcess {
  readonly http: string;
  /** Connection string of the first storage account. */
  readonly connectionString: string;
  /** Waits until the function reports a step of a picture. Rejects after a minute, or if Ringmain exits. */
  step(step: Step["step"], name: string): Promise<Step>;
  stop(): Promise<void>;
}

interface Line {
  readonly event?: string;
  readonly http?: string;
  readonly storageAccounts?: readonly { readonly connectionString?: string }[];
  /** A line of a hosted app, as the app wrote it. */
  readonly line?: string;
  readonly message?: string;
}

/** A step as the function logs it. */
interface LoggedStep {
  readonly step?: Step["step"];
  readonly name?: string;
  readonly at?: number;
  readonly raisedAt?: string;
}

const TIMEOUT_MS = 60_000;

/** Starts `ringmain start` with the given arguments and follows its output and that of the app it hosts. */
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
          const logged = parseStep(line);
          if (logged?.step !== step || logged.name !== name) return false;
          found = logged;
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

/** All lines of a process so far. Callers can wait for a line. */
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

  async find(matches: (line: Line) => boolean, description: string): Promise<Line> {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    const wake = (): void => this.#wake();
    deadline.addEventListener("abort", wake);
    try {
      for (;;) {
        const found = this.#lines.find(matches);
        if (found !== undefined) return found;
        if (this.#ended || deadline.aborted)
          throw new Error(`Timed out while waiting for ${description}. ${this.#tail()}`);
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

/** Parses a line, and the line of the hosted app that it may contain. */
function parseLines(text: string): Line[] {
  const line: Line | undefined = parse(text);
  if (line === undefined) return [];
  const inner: Line | undefined = line.line === undefined ? undefined : parse(line.line);
  return inner === undefined ? [line] : [line, inner];
}

function parseStep({ event, message }: Line): Step | undefined {
  if (event !== "function_log" || message === undefined) return undefined;
  const logged: LoggedStep | undefined = parse(message);
  if (logged?.step === undefined || logged.name === undefined || logged.at === undefined) return undefined;
  return { step: logged.step, name: logged.name, at: logged.at, raisedAt: Date.parse(logged.raisedAt ?? "") };
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Some lines are not JSON.
    return undefined;
  }
}
