import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Command, Option } from "commander";
import { withoutOwnVariables } from "../../app/system/child-environment.ts";
import { prepareAz, type AzEnvironment } from "../az/az-environment.ts";
import { addConfigOption, requireConfiguration } from "../configuration.ts";
import { ExitError } from "../exit-error.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import { runningServer, send, type ServerFlags } from "../running-server.ts";

interface SetupFlags extends ServerFlags {
  readonly json?: boolean;
}

/** Creates the command `ringmain az`, which runs the Azure CLI against Ringmain, with the subcommand `setup`. */
export function azCommand(): Command {
  const command = new Command("az")
    .description("Run the Azure CLI (az) against the running Ringmain, for example: ringmain az eventgrid topic list.")
    .argument("[arguments...]", "arguments for az: everything from the first word on")
    .passThroughOptions()
    .allowUnknownOption()
    .helpCommand(false)
    .addCommand(setupCommand());
  return addAddressOptions(command).action(runAz);
}

function setupCommand(): Command {
  const command = new Command("setup").description(
    "Create a configuration folder for az, and print the variables that connect az to Ringmain.",
  );
  addAddressOptions(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action((_: SetupFlags, self: Command) => setup(self.optsWithGlobals<SetupFlags>()));
}

function addAddressOptions(command: Command): Command {
  command.addOption(
    new Option("--http <url>", "address of the running Ringmain (default: host and port of the configuration)"),
  );
  return addConfigOption(command);
}

async function setup(flags: SetupFlags): Promise<void> {
  const prepared = await prepareAz(requireConfiguration(flags), addressOf(flags), { anew: true });
  createOutput(flags.json).report("az", prepared, describe(prepared));
}

async function runAz(args: readonly string[], flags: ServerFlags): Promise<void> {
  if (process.platform === "win32") {
    throw new ExitError(1, ["'ringmain az' is not available on Windows. Run 'ringmain az setup', then run az."]);
  }
  const url = addressOf(flags);
  const loaded = requireConfiguration(flags);
  const issuer = await issuerAt(url);
  const { variables } = await prepareAz(loaded, url, { anew: false, issuer });
  process.exitCode = await run("az", args, { ...withoutOwnVariables(process.env), ...variables, ...withoutProxy(url) });
}

/** Returns the issuer of a Ringmain's tokens, if it issues any. Throws an {@link ExitError} if there is no response. */
async function issuerAt(url: string): Promise<string | undefined> {
  // The port serves both HTTP and HTTPS, and this request contains no secret.
  const response = await send(`${url.replace(/^https:/, "http:")}/adfs/.well-known/openid-configuration`, {});
  if (!response.ok) return undefined;
  const { issuer } = (await response.json()) as { readonly issuer?: unknown };
  return typeof issuer === "string" ? issuer : undefined;
}

function addressOf(flags: ServerFlags): string {
  const { url } = runningServer(flags);
  if (!URL.canParse(url)) throw new ExitError(2, [`--http: '${url}' is not a URL such as http://127.0.0.1:6500.`]);
  if (new URL(url).port === "0")
    throw new ExitError(2, ["The configuration has port 0, so the port is unknown. Set the address with --http."]);
  return url;
}

/** Returns variables that exclude Ringmain from the proxy in the user's environment. */
function withoutProxy(url: string): Record<string, string> {
  const names = ["localhost", "127.0.0.1", new URL(url).hostname];
  const current = process.env["NO_PROXY"] ?? process.env["no_proxy"] ?? "";
  const value = [...new Set([...current.split(",").filter((name) => name !== ""), ...names])].join(",");
  return { NO_PROXY: value, no_proxy: value };
}

const ignore = (): void => undefined;

/** Runs a program on this terminal. Resolves with its exit code, or 128 and the signal's number as in a shell. */
async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, args, { env, stdio: "inherit" });
  // The program handles Ctrl-C. This process ends after it.
  process.on("SIGINT", ignore);
  try {
    return await new Promise((ended, failed) => {
      child.once("error", failed);
      child.once("exit", (code, signal) => ended(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
    });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
    throw new ExitError(1, [
      "az was not found on the PATH. To install it, see https://learn.microsoft.com/cli/azure/install-azure-cli",
    ]);
  } finally {
    process.off("SIGINT", ignore);
  }
}

function describe({ origin, folder, variables }: AzEnvironment): string {
  const windows = process.platform === "win32";
  const set = ([name, value]: [string, string]): string =>
    windows ? `  $env:${name} = '${value}'` : `  export ${name}='${value}'`;
  const names = Object.keys(variables);
  return [
    `Created a configuration of az for the Ringmain at ${origin}. To use it in a shell, set:`,
    ...Object.entries(variables).map(set),
    "az then connects only to this Ringmain:",
    "  az eventgrid topic create --resource-group ringmain --name orders --location local",
    "'ringmain az …' does the same without these variables. To undo the setup:",
    windows ? `  Remove-Item -Recurse '${folder}'` : `  rm -r '${folder}'; unset ${names.join(" ")}`,
  ].join("\n");
}
