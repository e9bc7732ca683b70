import { describe, expect, it } from "vitest";
import { namesIn } from "./resource-id-form.ts";

const FORM = "…/providers/Microsoft.ServiceBus/namespaces/{namespace}/queues/{queue}";
const SCOPE = "/subscriptions/s/resourceGroups/g/providers";

describe("namesIn", () => {
  it.each([
    [`${SCOPE}/Microsoft.ServiceBus/namespaces/Shop/queues/orders`, ["Shop", "orders"]],
    [`${SCOPE}/microsoft.servicebus/NAMESPACES/Shop/queues/orders/`, ["Shop", "orders"]],
    [`${SCOPE}/Microsoft.ServiceBus/namespaces/shop`, undefined],
    [`${SCOPE}/Microsoft-ServiceBus/namespaces/shop/queues/orders`, undefined],
    [`${SCOPE}/Microsoft.ServiceBus/namespaces/shop/queues/orders/more`, undefined],
    ["", undefined],
  ])("%s", (id, names) => {
    expect(namesIn(id, FORM)).toEqual(names);
  });
});
