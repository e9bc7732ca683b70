import { resolve } from "node:path";
import { Command } from "commander";
import type { LoadedConfig } from "../../app/config/load-config.ts";
import { settingsThatNeedRestart } from "../../app/lifecycle/needs-restart.ts";
import { createLineLogger } from "../../app/system/line-logger.ts";
import { watchFile } from "../../app/system/watch-file.ts";
import { toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";
import {
  addConfigurationOptions,
  readConfiguration,
  requireConfiguration,
  type ConfigurationFlags,
} from "../configuration.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import { describeReady } from "../describe-ready.ts";

interface StartFlags extends ConfigurationFlags {
  readonly json?: boolean;
}

/** Creates the command `ringmain start`, which runs Ringmain in this process until it gets a signal. */
export function startCommand(): Command {
  const command = new Command("start").description("Start Ringmain: topics, storage events and delivery.");
  addConfigurationOptions(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(start).addHelpText(
    "after",
    `
You can also set every setting in the configuration file or in a RINGMAIN_* variable. 'ringmain config show' lists them.
Exit codes: 0 after SIGTERM or SIGINT, 1 after a failure, 2 for an invalid configuration.`,
  );
}

/**
 * Size of the pool that small buffers are cut from. Node's default of 8 KiB holds only a few events, and allocating a new
 * pool costs far more than cutting from it: allocation took a seventh of the time of publishing. Measured in
 * docs/hot-path.md.
 */
const BUFFER_POOL_BYTES = 131_072;

async function start(flags: StartFlags): Promise<void> {
  Buffer.poolSize = BUFFER_POOL_BYTES;
  const loaded = requireConfiguration(flags);
  const output = createOutput(flags.json);
  const logger = createLineLogger(loaded.config.logLevel, (line) => output.log(line));
  // Libraries print errors with their stacks. Log each of them as one line.
  // oxlint-disable-next-line no-console -- replaced, not used
  console.error = (...parts: readonly unknown[]) => {
    logger.warn("library_error", { error: parts.map((part) => toError(part).message).join(" ") });
  };
  for (const warning of loaded.warnings) logger.warn("configuration_warning", { detail: warning });
  const stopRequest = new AbortController();
  const stopped = abortOnSignals(stopRequest);
  const { startRingmain } = await import("../../app/start-ringmain.ts");
  const { config, folder } = loaded;
  const ringmain = await startRingmain({ config, folder, logger, signal: stopRequest.signal }).catch(
    (thrown: unknown) => {
      // A signal arrived before Ringmain was ready. All parts that had been opened are released.
      if (stopRequest.signal.aborted) process.exit(0);
      throw thrown;
    },
  );
  output.report("ready", ringmain.report, describeReady(ringmain.report, performance.now()));
  const unwatch = followFile(flags, loaded, logger, (changed) => ringmain.reconfigure(changed));
  const failure = await Promise.race([stopped, ringmain.failed]);
  unwatch();
  logger.info("stopping");
  await ringmain.stop();
  if (failure !== undefined) process.stderr.write(`${failure.message}\n`);
  // Connections of clients and timers of libraries must not keep the process alive.
  process.exit(failure === undefined ? 0 : 1);
}

/** Aborts the controller and resolves on the first SIGTERM or SIGINT. The second one ends the process at once. */
function abortOnSignals(controller: AbortController): Promise<void> {
  return new Promise((resolveSignal) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (controller.signal.aborted) process.exit(130);
        controller.abort();
        resolveSignal();
      });
    }
  });
}

/**
 * Applies the configuration file whenever it changes, and logs the problems of an invalid one. Returns a function that
 * stops it.
 */
function followFile(
  flags: StartFlags,
  loaded: LoadedConfig,
  logger: Logger,
  apply: (config: LoadedConfig["config"]) => Promise<void>,
): () => void {
  if (loaded.file === undefined) return () => {};
  let last = loaded;
  let applying: Promise<void> = Promise.resolve();
  const reload = async (): Promise<void> => {
    const result = readConfiguration(flags);
    if (result.kind === "problems") {
      for (const problem of result.problems) logger.error("configuration_refused", { problem });
      return;
    }
    const fixed = settingsThatNeedRestart(last.config, result.loaded.config);
    last = result.loaded;
    if (fixed.length > 0) logger.warn("configuration_needs_restart", { settings: fixed });
    try {
      await apply(result.loaded.config);
      logger.info("configuration_applied", { file: result.loaded.file });
    } catch (thrown) {
      logger.error("configuration_refused", { problem: toError(thrown).message });
    }
  };
  return watchFile(resolve(process.cwd(), loaded.file), loaded.text ?? "", () => {
    applying = applying.then(reload);
  });
}
