import type { LogFields, Logger } from "../../ports/logger.ts";

/** Importance of a line, least first. */
const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** One line before it is written. */
export interface LogLine {
  readonly event: string;
  readonly level: LogLevel;
  readonly fields: LogFields;
}

/** A logger that hands lines of at least `least` importance to `write`. */
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
