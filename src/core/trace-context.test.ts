import { describe, expect, it } from "vitest";
import { isSameTrace, readTraceContext } from "./trace-context.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${trace}-b7ad6b7169203331-01`;

describe("reading a trace context", () => {
  it("accepts a traceparent alone or with a tracestate", () => {
    expect(readTraceContext(traceparent, undefined)).toEqual({ traceparent });
    expect(readTraceContext(traceparent, "vendor=1,other=2")).toEqual({ traceparent, tracestate: "vendor=1,other=2" });
  });

  it("accepts a later version with any text after its flags", () => {
    const later = `cc-${trace}-b7ad6b7169203331-01-more`;
    expect(readTraceContext(later, undefined)).toEqual({ traceparent: later });
  });

  it.each([
    [undefined],
    [12],
    [""],
    [traceparent.toUpperCase()],
    [`${traceparent}-more`],
    [traceparent.replace("00-", "ff-")],
    [`00-${"0".repeat(32)}-b7ad6b7169203331-01`],
    [`00-${trace}-${"0".repeat(16)}-01`],
    [`${traceparent}, ${traceparent}`],
    [`cc-${trace}-b7ad6b7169203331-01-${"x".repeat(200)}`],
  ])("rejects %s [EG-TRACE-INVALID]", (invalid) => {
    expect(readTraceContext(invalid, "vendor=1")).toBeUndefined();
  });

  it.each([[""], ["a=b\r\nx: y"], ["ü=1"], ["x".repeat(513)], [7]])(
    "omits the tracestate %j [EG-TRACE-INVALID]",
    (tracestate) => {
      expect(readTraceContext(traceparent, tracestate)).toEqual({ traceparent });
    },
  );
});

it("two contexts are in the same trace regardless of their spans", () => {
  const other = { traceparent: `00-${trace}-1111111111111111-00` };
  expect(isSameTrace({ traceparent }, other)).toBe(true);
  expect(isSameTrace({ traceparent }, { traceparent: traceparent.replace("0af", "0bf") })).toBe(false);
});
