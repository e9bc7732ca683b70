import { createHook } from "node:async_hooks";
import { readdirSync, readlinkSync } from "node:fs";

/**
 * Kinds of resources that a part can leave open, as Node's async hooks name them. Timers count even if they are unref'ed.
 * Files are not among them: Node reports the end of a closed file only when its handle is collected.
 */
const KINDS = new Set([
  "FSEVENTWRAP",
  "MESSAGEPORT",
  "PIPESERVERWRAP",
  "PIPEWRAP",
  "PROCESSWRAP",
  "STATWATCHER",
  "TCPSERVERWRAP",
  "TCPWRAP",
  "TLSWRAP",
  "Timeout",
  "UDPWRAP",
  "WORKER",
]);

/** Timers of the test runner, and those of `AbortSignal.timeout`, which end by themselves and cannot be cleared. */
const OTHERS = /node_modules\/@?vitest\/|at AbortSignal\.timeout /;

/** The resources that this process has opened since the observation began. */
export interface OpenResources {
  /** Returns the kinds of those that are still open, and where each was opened. */
  list(): string[];
  close(): void;
}

/** Begins to observe the resources that are opened in this process, whatever opens them. */
export function observeOpenResources(): OpenResources {
  const open = new Map<number, string>();
  const hook = createHook({
    init: (id, kind) => {
      if (!KINDS.has(kind)) return;
      const { stack = "" } = new Error("opened here");
      if (!OTHERS.test(stack)) open.set(id, `${kind} ${stack}`);
    },
    destroy: (id) => {
      open.delete(id);
    },
  });
  hook.enable();
  return { list: () => [...open.values()], close: () => void hook.disable() };
}

/** Returns the files below a folder that this process has open. Linux only. */
export function openFilesBelow(folder: string): string[] {
  return readdirSync("/proc/self/fd")
    .map((descriptor) => targetOf(descriptor))
    .filter((path) => path.startsWith(folder));
}

/** The descriptor by which the list itself was read is closed by now. */
function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}
