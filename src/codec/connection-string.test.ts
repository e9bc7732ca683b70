import { describe, expect, it } from "vitest";
import { parseConnectionString } from "./connection-string.ts";

describe("parseConnectionString", () => {
  it("reads parts by name in any case, equals signs in values included", () => {
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
