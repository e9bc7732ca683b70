import { expect, it } from "vitest";
import { endToEndHeaders } from "./end-to-end-headers.ts";

it.each([
  ["order, case and repetition", ["X-B", "1", "x-a", "2", "X-b", "3"], ["X-B", "1", "x-a", "2", "X-b", "3"]],
  ["not the connection's own", ["Keep-Alive", "5", "A", "1", "TE", "x", "Transfer-Encoding", "chunked"], ["A", "1"]],
  ["without the headers that Connection names", ["Connection", "close, X-Hop", "x-hop", "1", "A", "1"], ["A", "1"]],
  [
    "host and length in any case",
    ["Connection", "host, content-length", "Host", "h", "Content-Length", "3"],
    ["Host", "h", "Content-Length", "3"],
  ],
])("[EG-STORAGE-PROXY] keeps %s", (_, raw, expected) => {
  expect(endToEndHeaders(raw)).toEqual(expected);
});
