/** Fields of a log line. One thing has the same name in all lines. Never contains keys, tokens or event data. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes log lines. `event` is a constant name such as `delivery_retry`; variable parts are in the fields. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Returns a logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

/** A logger that writes nothing. */
export const SILENT_LOGGER: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => SILENT_LOGGER,
};
