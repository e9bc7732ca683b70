import { parsePublishPath, type PublishPath } from "./find-topic.ts";

/** What a request is sent to, in its parts. */
export interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Unset where it is no address that is published to. */
  readonly address: PublishPath | undefined;
}

/** The latest target and its parts: a publisher sends to the same one over and over. */
let latest: { readonly url: string; readonly target: Target } = { url: "/", target: parseUrl("/") };

/** Splits the URL of a request. */
export function splitUrl(url: string): Target {
  if (url !== latest.url) latest = { url, target: parseUrl(url) };
  return latest.target;
}

function parseUrl(url: string): Target {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  return { path, query, address: parsePublishPath(path) };
}
