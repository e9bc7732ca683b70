/** A process or a thread, as the kernel's `stat` file describes it. */
export interface StatFile {
  /** Name of the executable or of the thread; at most 15 characters. */
  readonly name: string;
  /** User and system time so far, in the kernel's clock ticks. */
  readonly ticks: number;
}

/** A thread's times in nanoseconds, as in its `schedstat` file. */
export interface SchedstatFile {
  readonly ran: number;
  /** Time in which the thread could have run but no processor was free. */
  readonly waited: number;
}

/** Index of the field after the name: user time is the 14th field of the line, system time the 15th. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** Parses `/proc/<pid>/stat` or `/proc/<pid>/task/<tid>/stat`. Throws if `text` is not such a file. */
export function parseStat(text: string): StatFile {
  // The name is in parentheses and may itself contain parentheses and spaces.
  const nameStart = text.indexOf("(");
  const nameEnd = text.lastIndexOf(")");
  const fields = text
    .slice(nameEnd + 1)
    .trim()
    .split(" ");
  const ticks = Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME]);
  if (nameStart < 0 || nameEnd < nameStart || !Number.isFinite(ticks)) throw new Error(`not a stat file: ${text}`);
  return { name: text.slice(nameStart + 1, nameEnd), ticks };
}

/** Parses `/proc/<pid>/task/<tid>/schedstat`. Throws if `text` is not such a file. */
export function parseSchedstat(text: string): SchedstatFile {
  const [ran, waited] = text.trim().split(" ").map(Number);
  if (ran === undefined || waited === undefined || !Number.isFinite(ran + waited)) {
    throw new Error(`not a schedstat file: ${text}`);
  }
  return { ran, waited };
}
