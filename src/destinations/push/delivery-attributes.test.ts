import { describe, expect, it } from "vitest";
import { delivery } from "../../../test/contract/destination-fixtures.ts";
import type { JsonObject } from "../../core/json.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import { deliveryAttributes } from "./delivery-attributes.ts";

const fromField = (sourceField: string): DeliveryAttributeMapping => ({
  name: "x-field",
  type: "Dynamic",
  properties: { sourceField },
});
const fixedTo = (name: string, value = "v"): DeliveryAttributeMapping => ({
  name,
  type: "Static",
  properties: { value },
});

describe("deliveryAttributes", () => {
  it("returns ten at most, and none with a forbidden name [EG-ATTRIBUTES]", () => {
    const ten = Array.from({ length: 12 }, (_, at) => fixedTo(`x-${at}`));
    const { fixed } = deliveryAttributes([fixedTo("aeg-evil"), fixedTo("host"), ...ten]);
    expect(fixed).toEqual(Array.from({ length: 10 }, (_, at) => [`x-${at}`, "v"]).flat());
  });

  it("encodes values that would add a header [EG-ATTRIBUTES]", () => {
    expect(deliveryAttributes([fixedTo("x-a", "1\r\nx-evil: 2")]).fixed).toEqual(["x-a", "1%0D%0Ax-evil: 2"]);
  });

  const cases: [sourceField: string, body: JsonObject, expected: readonly string[]][] = [
    ["data.key1", { data: { key1: "v" } }, ["x-field", "v"]],
    ["$.data.key1.key2", { data: { key1: { key2: 7 } } }, ["x-field", "7"]],
    ["data.flag", { data: { flag: false } }, ["x-field", "false"]],
    ["subject", { subject: "orders/1" }, ["x-field", "orders/1"]],
    ["eventtype", { eventType: "Order.Placed" }, ["x-field", "Order.Placed"]],
    ["data.none", { data: {} }, []],
    ["data.none.deeper", { data: {} }, []],
    ["data.object", { data: { object: {} } }, []],
    ["data.list", { data: { list: [1] } }, []],
    ["$.data.lines[1].sku", { data: { lines: [{}, { sku: "b" }] } }, ["x-field", "b"]],
    ["data.lines[2]", { data: { lines: [1, 2] } }, []],
    ["data.lines.length", { data: { lines: [1, 2] } }, []],
    ["$['data']['key.1']", { data: { "key.1": 5 } }, ["x-field", "5"]],
    ['data["key[0]"]', { data: { "key[0]": true } }, ["x-field", "true"]],
    ["$", { $: "v" }, ["x-field", "v"]],
    ["...", { data: {} }, []],
    ["data.null", { data: { null: null } }, []],
    ["data.__proto__", { data: {} }, []],
    ["constructor.name", {}, []],
    ["data.KEY", { data: { key: "v" } }, []],
    ["data.evil", { data: { evil: "1\nx: 2" } }, ["x-field", "1%0Ax: 2"]],
    ["data.long", { data: { long: "x".repeat(4_097) } }, []],
    ["data.long", { data: { long: "x".repeat(4_096) } }, ["x-field", "x".repeat(4_096)]],
  ];
  it.each(cases)("reads %s of %j [EG-ATTRIBUTES-DYNAMIC]", (sourceField, body, expected) => {
    expect(deliveryAttributes([fromField(sourceField)]).of(delivery(body))).toEqual(expected);
  });

  it("does not parse an event if no attribute depends on it", () => {
    const unreadable = delivery({}, {}, { json: new Uint8Array([0xff]) });
    expect(deliveryAttributes([fixedTo("x-a")]).of(unreadable)).toEqual([]);
  });
});
