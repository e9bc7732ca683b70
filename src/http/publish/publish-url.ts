import { memoOfLast } from "../../core/memo-of-last.ts";
import { parsePublishPath, type PublishPath } from "./find-topic.ts";

/** The parts of a request's URL. */
export interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Unset if the path is not a publish address. */
  readonly address: PublishPath | undefined;
}

/**
 * Parses the URL of a request. Remembers the last one, since publishers keep sending to the same URL.
 * Measured in docs/hot-path.md.
 */
export const splitUrl: (url: string) => Target = memoOfLast(parseUrl);

function parseUrl(url: string): Target {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  return { path, query, address: parsePublishPath(path) };
}
