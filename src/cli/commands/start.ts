import { resolve } from "node:path";
import { Command } from "commander";
import type { LoadedConfig } from "../../app/config/load-config.ts";
import { settingsThatNeedRestart } from "../../app/config/needs-restart.ts";
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

/** `ringmain start`: everything in this process, until a signal. */
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
 * Bytes that small buffers are cut from. Node's default of 8 KiB holds a handful of events, and each new piece costs
 * far more than cutting from it: allocating took a seventh of the time of publishing.
 * Measured in docs/hot-path.md.
 */
const BUFFER_POOL_BYTES = 131_072;

async function start(flags: StartFlags): Promise<void> {
  Buffer.poolSize = BUFFER_POOL_BYTES;
  const loaded = requireConfiguration(flags);
  const output = createOutput(flags.json);
  const logger = createLineLogger(loaded.config.logLevel, (line) => output.log(line));
  // Libraries print failures with their stacks, which are errors of Ringmain's own as well: the log has one line for each.
  // oxlint-disable-next-line no-console -- replaced, not used
  console.error = (...parts: readonly unknown[]) => {
    logger.warn("library_error", { error: parts.map((part) => toError(part).message).join(" ") });
  };
  for (const warning of loaded.warnings) logger.warn("configuration_warning", { detail: warning });
  const asked = new AbortController();
  const signal = endOnSignals(asked);
  const { startRingmain } = await import("../../app/start-ringmain.ts");
  const { config, folder } = loaded;
  const ringmain = await startRingmain({ config, folder, logger, signal: asked.signal }).catch((thrown: unknown) => {
    // Asked to stop before it was ready: what had been started has been stopped.
    if (asked.signal.aborted) process.exit(0);
    throw thrown;
  });
  output.report("ready", ringmain.report, describeReady(ringmain.report, performance.now()));
  const unwatch = followFile(flags, loaded, logger, (changed) => ringmain.reconfigure(changed));
  const failure = await Promise.race([signal, ringmain.failed]);
  unwatch();
  logger.info("stopping");
  await ringmain.stop();
  if (failure !== undefined) process.stderr.write(`${failure.message}\n`);
  // Whatever a client or a library still holds open must not keep the process.
  process.exit(failure === undefined ? 0 : 1);
}

/** Resolves at the first signal to end; the second one ends the process at once. */
function endOnSignals(asked: AbortController): Promise<void> {
  return new Promise((resolveSignal) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (asked.signal.aborted) process.exit(130);
        asked.abort();
        resolveSignal();
      });
    }
  });
}

/** Applies the file whenever it changes; a file with problems changes nothing. */
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
