import type { LogFields, Logger } from "../../ports/logger.ts";

/** Log levels, the least important first. */
const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** A log line before it is formatted. */
export interface LogLine {
  readonly event: string;
  readonly level: LogLevel;
  readonly fields: LogFields;
}

/** Creates a logger that passes lines of level `least` and above to `write`. */
export function createLineLogger(least: LogLevel, write: (line: LogLine) => void, base: LogFields = {}): Logger {
  const at = (level: LogLevel): ((event: string, fields?: LogFields) => void) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return () => {};
    return (event, fields = {}) => write({ event, level, fields: { ...base, ...fields } });
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => createLineLogger(least, write, { ...base, ...fields }),
  };
}
