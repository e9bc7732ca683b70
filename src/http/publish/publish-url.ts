import { memoOfLast } from "../../core/memo-of-last.ts";
import { parsePublishPath, type PublishPath } from "./find-topic.ts";

/** What a request is sent to, in its parts. */
export interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Unset where it is no address that is published to. */
  readonly address: PublishPath | undefined;
}

/**
 * Splits the URL of a request. Publishers keep sending to the same one.
 * Measured in docs/hot-path.md.
 */
export const splitUrl: (url: string) => Target = memoOfLast(parseUrl);

function parseUrl(url: string): Target {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  return { path, query, address: parsePublishPath(path) };
}
