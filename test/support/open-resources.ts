import { createHook } from "node:async_hooks";
import { readdirSync, readlinkSync } from "node:fs";

/** Kinds of resources that a part can leave open, as Node's async hooks name them. Timers count even if they are unref'ed. */
const KINDS = new Set([
  "FILEHANDLE",
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
      if (KINDS.has(kind)) open.set(id, `${kind} ${new Error("opened here").stack ?? ""}`);
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
