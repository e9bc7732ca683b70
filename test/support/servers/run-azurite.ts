import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Azurite's default account. Both values are public. */
export const AZURITE_ACCOUNT = "devstoreaccount1";
export const AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Azurite's Blob service in its own process, in memory, on a free port. */
export interface RunningAzurite {
  /** URL of the service, for example `http://127.0.0.1:34567`. */
  readonly blob: string;
  stop(): Promise<void>;
}

export async function runAzurite(): Promise<RunningAzurite> {
  return run("blob", (blob, stop) => ({ blob, stop }));
}

/** Azurite's Queue service in its own process, in memory, on a free port. */
export interface RunningAzuriteQueue {
  readonly queue: string;
  stop(): Promise<void>;
}

export async function runAzuriteQueue(): Promise<RunningAzuriteQueue> {
  return run("queue", (queue, stop) => ({ queue, stop }));
}

const MAINS = {
  blob: new URL("../../../node_modules/azurite/dist/src/blob/main.js", import.meta.url).pathname,
  queue: new URL("../../../node_modules/azurite/dist/src/queue/main.js", import.meta.url).pathname,
};

async function run<Running>(
  service: keyof typeof MAINS,
  describe: (address: string, stop: () => Promise<void>) => Running,
): Promise<Running> {
  const flags = [`--${service}Port`, "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"];
  const child = spawn(process.execPath, [MAINS[service], ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /listen(?:s|ing) (?:at|on) (http:\/\/\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`Azurite exited with ${String(code)}`)));
  });
  return describe(address, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  });
}
