import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** The one account that Azurite has unless told otherwise; both values are public. */
export const AZURITE_ACCOUNT = "devstoreaccount1";
export const AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Azurite's blob service in a process of its own, in memory, on a free port. */
export interface RunningAzurite {
  /** For example `http://127.0.0.1:34567`. */
  readonly blob: string;
  stop(): Promise<void>;
}

export async function runAzurite(): Promise<RunningAzurite> {
  const main = new URL("../../node_modules/azurite/dist/src/blob/main.js", import.meta.url).pathname;
  const flags = ["--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"];
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const blob = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /listen(?:s|ing) (?:at|on) (http:\/\/\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once("exit", (code) => reject(new Error(`Azurite exited with ${String(code)}`)));
  });
  return {
    blob,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}
