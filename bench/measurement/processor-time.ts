import { readdir, readFile } from "node:fs/promises";
import { parseSchedstat, parseStat } from "./proc-files.ts";

/** Duration of a tick in `stat` files, which is 10 ms on every kernel. */
const NANOSECONDS_PER_TICK = 10_000_000;
/**
 * Difference between a process's ticks and the sum of its threads that rounding explains. The rest belongs to
 * threads that have ended.
 */
const ROUNDING_TICKS = 3;

/** A process whose processor time is measured. Processes with one name are added up. */
export interface WatchedProcess {
  readonly name: string;
  readonly pid: number;
}

/** Processor time of the threads with one name in one process. */
export interface ThreadTime {
  readonly name: string;
  readonly threads: number;
  readonly nanoseconds: number;
}

/**
 * Processor time of one process by its threads. Empty if the kernel does not report it, as on all systems except Linux.
 */
export interface ProcessorTime {
  readonly process: string;
  readonly threads: readonly ThreadTime[];
}

interface ThreadState {
  readonly name: string;
  readonly ran: number;
  readonly waited: number;
}

/** Processor time of a process so far. */
export interface ProcessState {
  readonly threads: ReadonlyMap<string, ThreadState>;
  readonly ticks: number;
}

const NO_STATE: ProcessState = { threads: new Map(), ticks: 0 };

/** Returns the state of a process that has not done anything. */
export function initialState(): ProcessState {
  return NO_STATE;
}

/** Reads the processor time that a process has used so far. */
export async function readProcessState(pid: number): Promise<ProcessState> {
  if (process.platform !== "linux") return NO_STATE;
  const folder = `/proc/${pid}/task`;
  const ids = await readdir(folder);
  const states = await Promise.all(ids.map((id) => readThread(`${folder}/${id}`, Number(id) === pid)));
  const threads = new Map<string, ThreadState>();
  for (const [index, id] of ids.entries()) {
    const state = states[index];
    if (state !== undefined) threads.set(id, state);
  }
  return { threads, ticks: parseStat(await readFile(`/proc/${pid}/stat`, "utf8")).ticks };
}

/** Resolves with `undefined` if the thread ends meanwhile. */
async function readThread(folder: string, isMain: boolean): Promise<ThreadState | undefined> {
  try {
    const [stat, schedstat] = await Promise.all([
      readFile(`${folder}/stat`, "utf8"),
      readFile(`${folder}/schedstat`, "utf8").catch(() => undefined),
    ]);
    const { name, ticks } = parseStat(stat);
    // A kernel without scheduler statistics has only ticks.
    const time = schedstat === undefined ? { ran: ticks * NANOSECONDS_PER_TICK, waited: 0 } : parseSchedstat(schedstat);
    return { name: isMain ? "main" : name, ...time };
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) {
      return undefined;
    }
    throw error;
  }
}

/** Returns the processor time that a process used between two states, with the busiest threads first. */
export function processorTimeBetween(name: string, before: ProcessState, after: ProcessState): ProcessorTime {
  const byName = new Map<string, ThreadTime>();
  let sum = 0;
  for (const [id, { name: thread, ran }] of after.threads) {
    const nanoseconds = ran - (before.threads.get(id)?.ran ?? 0);
    sum += nanoseconds;
    addThread(byName, { name: thread, threads: 1, nanoseconds });
  }
  const ended = (after.ticks - before.ticks) * NANOSECONDS_PER_TICK - sum;
  if (ended > ROUNDING_TICKS * NANOSECONDS_PER_TICK) {
    addThread(byName, { name: "ended", threads: 1, nanoseconds: ended });
  }
  return { process: name, threads: busiestFirst(byName) };
}

/** Adds up the processor times of processes with the same name, in the order in which the names first occur. */
export function mergeProcessorTimes(times: readonly ProcessorTime[]): ProcessorTime[] {
  const byProcess = new Map<string, Map<string, ThreadTime>>();
  for (const { process: name, threads } of times) {
    const byName = byProcess.get(name) ?? new Map<string, ThreadTime>();
    for (const thread of threads) addThread(byName, thread);
    byProcess.set(name, byName);
  }
  return [...byProcess].map(([name, byName]) => ({ process: name, threads: busiestFirst(byName) }));
}

function addThread(byName: Map<string, ThreadTime>, { name, threads, nanoseconds }: ThreadTime): void {
  const before = byName.get(name);
  byName.set(name, {
    name,
    threads: threads + (before?.threads ?? 0),
    nanoseconds: nanoseconds + (before?.nanoseconds ?? 0),
  });
}

function busiestFirst(byName: ReadonlyMap<string, ThreadTime>): ThreadTime[] {
  return [...byName.values()].toSorted((one, other) => other.nanoseconds - one.nanoseconds);
}

/** Returns the processor time of a process in all its threads. */
export function totalNanoseconds({ threads }: ProcessorTime): number {
  return threads.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
}

/** Starts measuring processes. Resolves with a function that returns what they have used since then. */
export async function watchProcesses(processes: readonly WatchedProcess[]): Promise<() => Promise<ProcessorTime[]>> {
  const before = await Promise.all(processes.map(({ pid }) => readProcessState(pid)));
  return async () => {
    const after = await Promise.all(processes.map(({ pid }) => readProcessState(pid)));
    return mergeProcessorTimes(
      processes.map(({ name }, index) =>
        processorTimeBetween(name, before[index] ?? NO_STATE, after[index] ?? NO_STATE),
      ),
    );
  };
}

/** Share of the time below which processes that run or wait for a processor count as idle. */
const IDLE_SHARE = 0.02;
const IDLE_LOOK_MS = 50;
/** Maximum time to wait for processes to become idle. */
const IDLE_LIMIT_MS = 5_000;

/**
 * Resolves when processes have finished deferred work of a load, such as a flush, a checkpoint or a garbage collection.
 */
export async function untilIdle(processes: readonly WatchedProcess[]): Promise<void> {
  if (process.platform !== "linux") return;
  const wanted = async (): Promise<number> => {
    const states = await Promise.all(processes.map(({ pid }) => readProcessState(pid)));
    const threads = states.flatMap((state) => [...state.threads.values()]);
    return threads.reduce((sum, { ran, waited }) => sum + ran + waited, 0);
  };
  const giveUpAt = performance.now() + IDLE_LIMIT_MS;
  let before = await wanted();
  let lookedAt = performance.now();
  while (performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_LOOK_MS));
    const after = await wanted();
    const now = performance.now();
    if (after - before < (now - lookedAt) * 1_000_000 * IDLE_SHARE) return;
    before = after;
    lookedAt = now;
  }
}
