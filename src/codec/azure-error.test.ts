import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode, RingmainError } from "../core/errors.ts";
import { azureError } from "./azure-error.ts";

const requestId = "5fbd1a1b-6e28-4d5c-9d7e-1f0a3b2c4d5e";
const at = (iso: string): number => Date.parse(iso);
const errorResponse = (
  code: ErrorCode,
  message = "Stem.",
  now = at("2030-01-02T13:04:05.999Z"),
): ReturnType<typeof azureError> => azureError(new RingmainError(code, message), { requestId, now });

describe("azureError", () => {
  it("[EG-ERROR-BODY] indents by four spaces and ends lines with CRLF", () => {
    const message = `Stem. Report '${requestId}:0:1/2/2030 1:04:05 PM (UTC)' to our forums for assistance or raise a support ticket.`;
    expect(errorResponse("input_json_invalid")).toEqual({
      status: 400,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "api-supported-versions": "2018-01-01",
        "x-ms-request-id": requestId,
      },
      body: [
        "{",
        '    "error": {',
        '        "code": "BadRequest",',
        `        "message": "${message}",`,
        '        "details": [',
        "            {",
        '                "code": "InputJsonInvalid",',
        `                "message": "${message}"`,
        "            }",
        "        ]",
        "    }",
        "}",
      ].join("\r\n"),
    });
  });

  it.each([
    ["2030-01-02T00:04:05Z", "1/2/2030 12:04:05 AM"],
    ["2030-12-31T12:00:00Z", "12/31/2030 12:00:00 PM"],
    ["2030-10-05T23:59:59Z", "10/5/2030 11:59:59 PM"],
    ["2030-10-05T09:00:00Z", "10/5/2030 9:00:00 AM"],
  ])("[EG-ERROR-REPORT] dates the report: %s", (iso, expected) => {
    expect(errorResponse("unauthorized", "Stem.", at(iso)).body).toContain(`:0:${expected} (UTC)'`);
  });

  it("[EG-ERROR-REPORT] adds no report to 413", () => {
    const body = JSON.parse(
      errorResponse("payload_too_large", "The maximum size (1536000) has been exceeded.").body,
    ) as unknown;
    expect(body).toMatchObject({
      error: {
        code: "RequestEntityTooLarge",
        message: "The maximum size (1536000) has been exceeded.",
        details: [{ code: "PayloadTooLarge" }],
      },
    });
  });

  it("[EG-ERROR-BODY] produces valid JSON for any text in the message", () => {
    const { body } = errorResponse("payload_too_large", 'a "quote"\nand a line \u2028');
    expect(JSON.parse(body)).toMatchObject({ error: { message: 'a "quote"\nand a line \u2028' } });
  });

  it("[EG-ERROR-RETRY-AFTER] sets retry-after only where waiting helps", () => {
    const codes = Object.keys(ERRORS) as ErrorCode[];
    expect(codes.filter((code) => errorResponse(code).headers["retry-after"] !== undefined)).toEqual(
      codes.filter((code) => [429, 503].includes(ERRORS[code].status)),
    );
    expect(errorResponse("too_many_requests").headers["retry-after"]).toBe("1");
  });

  it("keeps the details of internal failures out of the response", () => {
    expect(errorResponse("internal", "secret state").body).not.toContain("secret");
  });
});

describe("docs/errors.md", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const rows = page
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );

  it("lists every error, its status and its names, and no other", () => {
    const expected = Object.entries(ERRORS).map(([code, { status, azureCode, detailCode }]) => [
      code,
      String(status),
      azureCode,
      detailCode,
    ]);
    expect(rows.map((row) => row.slice(0, 4))).toEqual(expected);
  });

  it("says when each error occurs", () => {
    expect(rows.filter((row) => row.length !== 5 || (row[4] ?? "").length < 10)).toEqual([]);
  });
});
