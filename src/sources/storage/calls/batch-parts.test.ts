import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { matchReplies, readBatch } from "./batch-call.ts";
import { MAX_BATCH_PARTS, parseBatchParts } from "./batch-parts.ts";

const type = "multipart/mixed; boundary=batch_1";
const part = (id: number | undefined, start: string, headers = "x-ms-date: now"): string =>
  `--batch_1\r\nContent-Type: application/http\r\n${id === undefined ? "" : `Content-ID: ${id}\r\n`}\r\n${start}\r\n${headers}\r\n\r\n`;
const end = "--batch_1--\r\n";

describe("parseBatchParts", () => {
  it("[EG-STORAGE-BATCH] reads content ids, start lines and headers, and skips bodies", () => {
    const body = `preamble\r\n${part(0, "DELETE /acc/c/b HTTP/1.1", "X-Ms-A: b:c")}--batch_10\r\n<Error>\r\n${part(1, "HTTP/1.1 202 Accepted")}${end}epilogue`;
    expect(parseBatchParts(type, body)).toEqual([
      { contentId: "0", startLine: "DELETE /acc/c/b HTTP/1.1", headers: new Map([["x-ms-a", "b:c"]]) },
      { contentId: "1", startLine: "HTTP/1.1 202 Accepted", headers: new Map([["x-ms-date", "now"]]) },
    ]);
  });

  it.each([
    ["quoted", 'multipart/mixed; charset=x; Boundary="batch_1"'],
    ["followed by more", "Multipart/Mixed;boundary=batch_1; charset=x"],
  ])("[EG-STORAGE-BATCH] accepts a boundary that is %s", (_, contentType) => {
    expect(parseBatchParts(contentType, part(0, "DELETE /x HTTP/1.1") + end)).toHaveLength(1);
  });

  it("[EG-STORAGE-BATCH] accepts lines without a carriage return", () => {
    const body = (part(0, "DELETE /x HTTP/1.1") + end).replaceAll("\r", "");
    expect(parseBatchParts(type, body)).toMatchObject([{ startLine: "DELETE /x HTTP/1.1" }]);
  });

  it.each([
    ["no content type", undefined, end],
    ["another type", "application/json; boundary=batch_1", end],
    ["no boundary", "multipart/mixed", end],
    ["a long boundary", `multipart/mixed; boundary=${"b".repeat(201)}`, end],
    ["no end", type, part(0, "DELETE /x HTTP/1.1")],
    ["a part without start line", type, `--batch_1\r\na: b\r\n\r\n${end}`],
    ["an empty part", type, `--batch_1\r\n${end}`],
    ["a header without colon", type, part(0, "DELETE /x HTTP/1.1", "nonsense") + end],
    [
      "too many headers",
      type,
      part(0, "DELETE /x HTTP/1.1", Array.from({ length: 101 }, (_, n) => `h${n}: x`).join("\r\n")) + end,
    ],
    ["too many parts", type, part(0, "DELETE /x HTTP/1.1").repeat(MAX_BATCH_PARTS + 1) + end],
  ])("[EG-STORAGE-BATCH] refuses %s", (_, contentType, body) => {
    expect(parseBatchParts(contentType, body)).toBeUndefined();
  });

  it("[EG-STORAGE-BATCH] accepts as many parts as the service does", () => {
    expect(parseBatchParts(type, part(0, "DELETE /x HTTP/1.1").repeat(MAX_BATCH_PARTS) + end)).toHaveLength(256);
  });

  it("[EG-STORAGE-BATCH] throws for no input", () => {
    const piece = oneof(string(), constantFrom("--batch_1", "\r\n", "\n", ":", "--batch_1--", "DELETE /a HTTP/1.1"));
    assert(
      property(array(piece), (pieces) => {
        parseBatchParts(type, pieces.join(""));
        readBatch("acc", undefined, type, pieces.join(""));
      }),
    );
  });
});

const calls = (...ids: number[]): NonNullable<ReturnType<typeof readBatch>> => {
  const body = ids.map((id) => part(id, `DELETE /acc/c/b${id} HTTP/1.1`)).join("") + end;
  return readBatch("acc", "127.0.0.1", type, body) ?? [];
};

const match = (batched: ReturnType<typeof calls>, reply: string): string[] =>
  matchReplies(batched, [], parseBatchParts(type, reply + end) ?? []).map(
    ({ call, status }) => `${call.blob.name} ${status}`,
  );

describe("matchReplies", () => {
  it("[EG-STORAGE-BATCH] matches by content id, in the order of the replies", () => {
    const reply = part(2, "HTTP/1.1 404 Not Found") + part(1, "HTTP/1.1 202 Accepted");
    expect(match(calls(1, 2), reply)).toEqual(["b2 404", "b1 202"]);
  });

  it("[EG-STORAGE-BATCH] matches by position if there are no ids", () => {
    const reply = part(undefined, "HTTP/1.1 202 Accepted") + part(undefined, "HTTP/1.1 404 Not Found");
    expect(match(calls(1, 2), reply)).toEqual(["b1 202", "b2 404"]);
  });

  it("[EG-STORAGE-BATCH] does not match one reply for a whole batch to any call", () => {
    expect(match(calls(1, 2), part(undefined, "HTTP/1.1 400 Bad Request"))).toEqual([]);
  });

  it("[EG-STORAGE-BATCH] accepts paths without a leading slash, and calls that raise no events", () => {
    const body = part(0, "DELETE acc/c/b0 HTTP/1.1") + part(1, "DELETE /other/c/b HTTP/1.1") + part(2, "") + end;
    expect(readBatch("acc", "127.0.0.1", type, body)).toBeUndefined();
    const names = readBatch("acc", "127.0.0.1", type, body.replace(part(2, ""), ""))?.map(
      ({ call }) => call?.blob.name,
    );
    expect(names).toEqual(["b0", undefined]);
  });
});
