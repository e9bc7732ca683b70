import { toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";
import type { CoreLogCategory, CoreLogLevel } from "./functions-core.ts";
import type { Hooks } from "./hooks.ts";

/** One log line of an app or of its library. */
export interface AppLogLine {
  readonly level: CoreLogLevel;
  readonly category: CoreLogCategory;
  readonly message: string;
  readonly function?: string;
  readonly invocationId?: string;
  readonly invocationContext?: unknown;
}

/**
 * Creates the function that writes an app's log lines: `function_log` for the app's own lines, `functions_library_log`
 * for those of `@azure/functions`. Log hooks get each line first and may change the level and text of the app's lines.
 * A hook that throws changes nothing, and lines that a hook logs are not passed to hooks.
 */
export function createAppLog(logger: Logger, hooks: Hooks): (line: AppLogLine) => void {
  let inHook = false;
  const throughHooks = (line: AppLogLine): AppLogLine => {
    if (inHook) return line;
    const { level, category, message, invocationContext } = line;
    const context = { hookData: {}, appHookData: hooks.appHookData, level, category, message, invocationContext };
    inHook = true;
    try {
      hooks.runNow("log", context);
    } catch (thrown) {
      logger.warn("log_hook_failed", { error: toError(thrown).message });
    } finally {
      inHook = false;
    }
    return category === "user" ? { ...line, level: context.level, message: context.message } : line;
  };
  return (line) => {
    const { level, category, message, function: name, invocationId } = throughHooks(line);
    if (level === "none") return;
    const fields = {
      ...(name === undefined ? {} : { function: name }),
      ...(invocationId === undefined ? {} : { invocationId }),
    };
    const event = category === "user" ? "function_log" : "functions_library_log";
    logger[loggerLevel(level, category)](event, { ...fields, level, message });
  };
}

type LoggerLevel = "debug" | "info" | "warn" | "error";

const LEVELS: Readonly<Record<CoreLogLevel, LoggerLevel>> = {
  trace: "debug",
  debug: "debug",
  information: "info",
  warning: "warn",
  error: "error",
  critical: "error",
  none: "debug",
};

function loggerLevel(level: CoreLogLevel, category: CoreLogCategory): LoggerLevel {
  // Information from the library itself is of no use to users.
  return level === "information" && category !== "user" ? "debug" : LEVELS[level];
}
