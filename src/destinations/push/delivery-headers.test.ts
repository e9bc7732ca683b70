import { describe, expect, it } from "vitest";
import { delivery, webhookTo } from "../../../test/contract/destination-fixtures.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import { deliveryHeaders } from "./delivery-headers.ts";

const ofEvent = { traceparent: `00-${"a".repeat(32)}-${"1".repeat(16)}-01`, tracestate: "vendor=event" };
const ofAttempt = { traceparent: `00-${"a".repeat(32)}-${"2".repeat(16)}-01` };

/** Returns the trace headers, by name. */
function traceHeaders(
  event: TraceContext | undefined,
  attempt?: TraceContext,
  mappings?: readonly DeliveryAttributeMapping[],
): Record<string, string> {
  const first = delivery({}, {}, event === undefined ? {} : { trace: event });
  const headers = deliveryHeaders(webhookTo("http://127.0.0.1:9/"), mappings).ofBatch(
    first,
    "application/json",
    attempt,
  );
  const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? ""]] : []));
  return Object.fromEntries(pairs.filter(([name]) => name?.toLowerCase().startsWith("trace")));
}

describe("the trace of a delivery request", () => {
  it("is the publisher's if Ringmain does not trace [EG-TRACE-DELIVERY]", () => {
    expect(traceHeaders(ofEvent)).toEqual(ofEvent);
    expect(traceHeaders(undefined)).toEqual({});
  });

  it("is the attempt's own if Ringmain traces [EG-TRACE-DELIVERY]", () => {
    expect(traceHeaders(ofEvent, ofAttempt)).toEqual(ofAttempt);
  });

  it("is the subscription's own if an attribute has the header's name [EG-TRACE-DELIVERY]", () => {
    const own = [{ name: "TraceParent", type: "Static", properties: { value: "mine" } }] as const;
    expect(traceHeaders(ofEvent, ofAttempt, own)).toEqual({ TraceParent: "mine" });
  });
});
