import { Option } from "commander";
import type { LogLine } from "../app/system/line-logger.ts";

/** How a command talks. */
export interface Output {
  readonly json: boolean;
  /** A line of a log. */
  log(line: LogLine): void;
  /** Something a script waits for: one JSON object, or the text for people. */
  report(event: string, fields: object, text: string): void;
  /** Writes a sentence for people to standard error, whatever the format of the reports. */
  notice(text: string): void;
}

/** `--json` and `--no-json`; without either a terminal gets text and a pipe gets JSON. */
export const JSON_OPTIONS: readonly Option[] = [
  new Option("--json", "print one JSON object per line (default when the output is piped)"),
  new Option("--no-json", "print text, also when the output is piped"),
];

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

/** `12:30:05 warn  delivery failing  subscription=billing outcome=SocketError …` */
function forPeople({ event, level, fields }: LogLine): string {
  const time = new Date().toTimeString().slice(0, 8);
  const told = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  return [time, level.padEnd(5), event.replaceAll("_", " "), ...told].join(" ");
}

function show(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return /\s/.test(text) && typeof value === "string" ? JSON.stringify(text) : text;
}
