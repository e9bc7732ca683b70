import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sharedAccessSignature } from "./shared-access-signature.ts";

describe("sharedAccessSignature", () => {
  it("signs the escaped resource and the expiry with the key's text [EG-SERVICEBUS-SAS]", () => {
    const token = sharedAccessSignature({
      resource: "sb://shop.example/orders",
      keyName: "Root Key",
      key: "c2VjcmV0",
      expiresAt: 1_700_000_000_999,
    });
    const resource = "sb%3A%2F%2Fshop.example%2Forders";
    const signature = createHmac("sha256", "c2VjcmV0").update(`${resource}\n1700000000`).digest("base64");
    expect(token).toBe(
      `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=1700000000&skn=Root%20Key`,
    );
    expect(token).not.toContain("c2VjcmV0");
  });
});
