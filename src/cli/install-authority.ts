import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { promisify } from "node:util";
import { toError } from "../core/errors.ts";

/** Steps that make an operating system trust a certificate authority: optionally a copy of its file, then a command. */
export interface InstallPlan {
  /** Path to copy the authority's certificate to. */
  readonly copyTo?: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** Whether the steps need administrator rights. */
  readonly asRoot: boolean;
}

/**
 * Returns the steps for an operating system; `undefined` if it is not supported. `exists` returns whether a file
 * exists.
 */
export function installPlan(
  platform: NodeJS.Platform,
  authority: string,
  exists: (path: string) => boolean,
): InstallPlan | undefined {
  if (platform === "darwin") {
    return { command: ["security", "add-trusted-cert", "-r", "trustRoot", authority], asRoot: false };
  }
  if (platform === "win32") return { command: ["certutil", "-user", "-addstore", "Root", authority], asRoot: false };
  if (exists("/usr/sbin/update-ca-certificates")) {
    return {
      copyTo: "/usr/local/share/ca-certificates/ringmain.crt",
      command: ["/usr/sbin/update-ca-certificates"],
      asRoot: true,
    };
  }
  if (exists("/usr/bin/update-ca-trust")) {
    return {
      copyTo: "/etc/pki/ca-trust/source/anchors/ringmain.pem",
      command: ["/usr/bin/update-ca-trust"],
      asRoot: true,
    };
  }
  return undefined;
}

/** Returns the steps as shell commands. */
export function asShell({ copyTo, command, asRoot }: InstallPlan, authority: string): string[] {
  const sudo = asRoot ? "sudo " : "";
  const copy = copyTo === undefined ? [] : [`${sudo}cp '${authority}' ${copyTo}`];
  return [...copy, `${sudo}${command.map((word) => (word.includes(" ") ? `'${word}'` : word)).join(" ")}`];
}

/** Performs the steps. Rejects with the error of the command that failed. */
export async function install({ copyTo, command }: InstallPlan, authority: string): Promise<void> {
  const [program, ...args] = command;
  if (copyTo !== undefined) await copyFile(authority, copyTo);
  try {
    await promisify(execFile)(program, args);
  } catch (thrown) {
    throw new Error(`${command.join(" ")} failed: ${toError(thrown).message}`, { cause: thrown });
  }
}
