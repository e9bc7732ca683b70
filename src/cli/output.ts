import { Option } from "commander";
import type { LogLine } from "../app/system/line-logger.ts";

/** The output of a command, as text or as JSON lines. */
export interface Output {
  readonly json: boolean;
  /** Writes a log line. */
  log(line: LogLine): void;
  /** Writes a result to standard output: a JSON object for scripts, or `text` for people. */
  report(event: string, fields: object, text: string): void;
  /** Writes a sentence for people to standard error, in both formats. */
  notice(text: string): void;
}

/** The options `--json` and `--no-json`. Without them, a terminal gets text and a pipe gets JSON. */
export const JSON_OPTIONS: readonly Option[] = [
  new Option("--json", "print one JSON object per line (default when the output is piped)"),
  new Option("--no-json", "print text, also when the output is piped"),
];

/** Creates the output of a command; `json` is the value of `--json`. */
export function createOutput(json: boolean | undefined): Output {
  const asJson = json ?? !process.stdout.isTTY;
  return {
    json: asJson,
    log: asJson
      ? (line) => write(process.stdout, logLine(line))
      : (line) => process.stderr.write(`${forPeople(line)}\n`),
    report: (event, fields, text) => {
      if (asJson) write(process.stdout, { event, ...fields });
      else process.stdout.write(`${text}\n`);
    },
    notice: (text) => {
      process.stderr.write(`${text}\n`);
    },
  };
}

function write(stream: NodeJS.WriteStream, value: object): void {
  stream.write(`${JSON.stringify(value)}\n`);
}

function logLine({ event, level, fields }: LogLine): object {
  return { event, level, time: new Date().toISOString(), ...fields };
}

/**
 * Formats a log line as text, for example `12:30:05 warn  delivery failing subscription=billing outcome=SocketError …`.
 */
function forPeople({ event, level, fields }: LogLine): string {
  const time = new Date().toTimeString().slice(0, 8);
  const members = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  return [time, level.padEnd(5), event.replaceAll("_", " "), ...members].join(" ");
}

function show(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return /\s/.test(text) && typeof value === "string" ? JSON.stringify(text) : text;
}
