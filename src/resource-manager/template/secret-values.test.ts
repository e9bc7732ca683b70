import { describe, expect, it } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { SecretValues } from "./secret-values.ts";

function hide(message: string, ...secrets: readonly JsonValue[]): string {
  const values = new SecretValues();
  for (const secret of secrets) values.add(secret);
  return values.hide(message);
}

describe("[ARM-TEMPLATE-SECRET] a message about a deployment", () => {
  it("repeats no secret, at any position and number of times", () => {
    expect(hide("'p4ssword' is not 'p4ssword'; p4sswords", "p4ssword")).toBe("'***' is not '***'; ***s");
    expect(hide("inner and outer-inner", "inner", "outer-inner")).toBe("*** and ***");
    expect(hide("nothing to hide", "p4ssword", "")).toBe("nothing to hide");
  });

  it("repeats no part of an object or an array, and no number", () => {
    expect(hide("user 'admin', key 'abcdef', pin 123456", { user: "admin", list: ["abcdef", { pin: 123_456 }] })).toBe(
      "user '***', key '***', pin ***",
    );
  });

  it("repeats no secret in its JSON form", () => {
    const secret = 'line\none "two"';
    expect(hide(`got ${JSON.stringify({ secret })}`, secret)).toBe('got {"secret":"***"}');
  });

  it("repeats no beginning of a secret if a long value is cut", () => {
    const secret = "0123456789".repeat(20);
    expect(hide(`'${secret.slice(0, 80)}…' is too long`, secret)).toBe("'***…' is too long");
    expect(hide("0123456 is seven digits", secret)).toBe("0123456 is seven digits");
  });

  it("stays readable if a secret is shorter than a word", () => {
    expect(hide("The value 'a' of 'name' is not a name", "a")).toBe("The value '***' of 'name' is not a name");
  });

  it("is not shown at all if there are too many secrets to search for", () => {
    const many = Array.from({ length: 3_000 }, (_, index) => `secret-${index}`);
    expect(hide("secret-2999", many)).not.toContain("secret-2999");
  });

  it("repeats no key that a list function returned, but may repeat names", () => {
    const values = new SecretValues();
    values.addKeys({ keys: [{ keyName: "key1", value: "k".repeat(44), permissions: "FULL" }] });
    expect(values.hide(`key1 is '${"k".repeat(44)}', FULL`)).toBe("key1 is '***', FULL");
  });
});
