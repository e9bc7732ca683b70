import { setTimeout as pause } from "node:timers/promises";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const SAMPLES = 16;
const SAMPLE_MS = 250;

/** Returns the resident memory of an idle process: the minimum in some seconds, in which garbage is collected. */
export async function settledMiB(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let taken = 0; taken < SAMPLES; taken += 1) {
    least = Math.min(least, residentMiB(pid));
    await pause(SAMPLE_MS);
  }
  return least;
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
}

/** Returns the number of a process's connections to its ports, in any state. */
export function openConnections(pid: number, ports: ReadonlySet<number>): number {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)));
  const LISTENING = "0A";
  return ["tcp", "tcp6"]
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, "utf8").trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state, , , , , , inode = ""]) => {
      const port = Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16);
      return state !== LISTENING && ports.has(port) && own.has(inode);
    }).length;
}

function inodeOf(link: string): string[] {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.slice(1) ?? [];
  } catch {
    // The descriptor was closed after the folder was read.
    return [];
  }
}
