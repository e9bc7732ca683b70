import { assertNever } from "../../../core/errors.ts";

/** One part of a batch or of its response: an HTTP message in a MIME part. */
export interface BatchPart {
  readonly contentId: string | undefined;
  /** For example `DELETE /container/blob HTTP/1.1` or `HTTP/1.1 202 Accepted`. */
  readonly startLine: string;
  /** Headers by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Maximum number of calls that the service accepts in one batch. */
export const MAX_BATCH_PARTS = 256;
const MAX_HEADERS_PER_PART = 100;
const MAX_BOUNDARY = 200;

/**
 * Splits a `multipart/mixed` body into its HTTP messages. Returns `undefined` if the body is of another type, if a
 * part is malformed, or if there are more parts or headers than the service accepts.
 * Source: [EG-STORAGE-BATCH]
 */
export function parseBatchParts(contentType: string | undefined, body: string): BatchPart[] | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const parts: BatchPart[] = [];
  let reader: PartReader | undefined;
  for (const line of linesOf(body)) {
    const mark = line.startsWith(`--${boundary}`) ? line.slice(boundary.length + 2).trimEnd() : undefined;
    if (mark !== "" && mark !== "--") {
      if (reader?.read(line) === false) return undefined;
      continue;
    }
    if (reader !== undefined && !take(reader, parts)) return undefined;
    reader = new PartReader();
    if (mark === "--") return parts;
  }
  return undefined; // No end boundary: the body was cut.
}

function take(reader: PartReader, parts: BatchPart[]): boolean {
  const part = reader.finish();
  if (part === undefined || parts.length === MAX_BATCH_PARTS) return false;
  parts.push(part);
  return true;
}

/**
 * Parses one part line by line. Stages: `mime` (MIME headers, up to an empty line), `start` (the start line),
 * `http` (HTTP headers, up to an empty line), `body` (ignored).
 */
class PartReader {
  #stage: "mime" | "start" | "http" | "body" = "mime";
  #startLine: string | undefined;
  readonly #mime = new Map<string, string>();
  readonly #http = new Map<string, string>();

  /** Parses a line. Returns false if the line is not valid at this point. */
  read(line: string): boolean {
    switch (this.#stage) {
      case "mime":
        if (line !== "") return addHeader(this.#mime, line);
        this.#stage = "start";
        return true;
      case "start":
        this.#startLine = line;
        this.#stage = "http";
        return line !== "";
      case "http":
        if (line !== "") return addHeader(this.#http, line);
        this.#stage = "body";
        return true;
      case "body":
        return true;
      default:
        return assertNever(this.#stage);
    }
  }

  finish(): BatchPart | undefined {
    if (this.#startLine === undefined) return undefined;
    return { contentId: this.#mime.get("content-id"), startLine: this.#startLine, headers: this.#http };
  }
}

function addHeader(headers: Map<string, string>, line: string): boolean {
  const colon = line.indexOf(":");
  if (colon <= 0 || headers.size === MAX_HEADERS_PER_PART) return false;
  headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  return true;
}

function boundaryOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^\s*multipart\/mixed\s*;/i.test(contentType)) return undefined;
  const found = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  return boundary === undefined || boundary.length > MAX_BOUNDARY ? undefined : boundary;
}

/** Yields the lines of a text one by one: an array of all would be huge for a body of line feeds. */
function* linesOf(text: string): Generator<string> {
  let start = 0;
  while (start <= text.length) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 ? text.length : feed;
    yield text.slice(start, text[end - 1] === "\r" && end > start ? end - 1 : end);
    start = end + 1;
  }
}
