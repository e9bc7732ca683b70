import { numberIn, type Line } from "../programs/lines.ts";

/** The result that `publish.lua` prints when wrk has ended. */
export interface WrkResult {
  readonly requests: number;
  readonly seconds: number;
  /** Number of failed connections and requests, and of responses with a status above 399. */
  readonly failed: number;
  /** Processor time of wrk since its first request. */
  readonly processorNanoseconds: number;
}

/** Parses the result in wrk's output. Throws if there is none. */
export function parseWrkOutput(text: string): WrkResult {
  const found = text.split("\n").find((line) => line.startsWith('{"event":"done"'));
  if (found === undefined) throw new Error(`wrk printed no result:\n${text}`);
  const line = JSON.parse(found) as Line;
  return {
    requests: numberIn(line, "requests"),
    seconds: numberIn(line, "microseconds") / 1_000_000,
    failed: numberIn(line, "failed"),
    processorNanoseconds: numberIn(line, "processorMicroseconds") * 1_000,
  };
}

/**
 * Parses the version in the output of `wrk -v`, such as `debian/4.1.0-3+b2`. Returns `undefined` for another
 * program's output.
 */
export function parseWrkVersion(text: string): string | undefined {
  return /^wrk (\S+)/.exec(text)?.[1];
}
