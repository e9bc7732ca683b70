import { describe, expect, it } from "vitest";
import { attributeNameFault } from "./attribute-name.ts";

describe("attributeNameFault", () => {
  it.each([
    ["Authorization", undefined],
    ["x-tenant", undefined],
    ["aeg-event-type", "begins-with-aeg"],
    ["AEG-anything", "begins-with-aeg"],
    ["Content-Length", "reserved"],
    ["Host", "reserved"],
    ["Transfer-Encoding", "reserved"],
    ["x y", "no-header-name"],
    ["x:y", "no-header-name"],
    ["x\r\n", "no-header-name"],
    ["", "no-header-name"],
    ["x".repeat(256), undefined],
    ["x".repeat(257), "too-long"],
  ])("[EG-ATTRIBUTES] %j: %s", (name, fault) => {
    expect(attributeNameFault(name)).toBe(fault);
  });
});
