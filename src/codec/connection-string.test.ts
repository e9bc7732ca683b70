import { describe, expect, it } from "vitest";
import { parseConnectionString } from "./connection-string.ts";

describe("parseConnectionString", () => {
  it("ignores the case of names and keeps equals signs in values", () => {
    const parts = parseConnectionString(
      "Endpoint=sb://shop/;SharedAccessKey=a=b==; UseDevelopmentEmulator = true ;;x;=y",
    );
    expect([...parts]).toEqual([
      ["endpoint", "sb://shop/"],
      ["sharedaccesskey", "a=b=="],
      ["usedevelopmentemulator", "true"],
    ]);
  });
});
