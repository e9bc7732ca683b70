import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { createTemplateBudget, EVALUATION_LIMITS } from "./template-limits.ts";
import { TemplateTypes } from "./template-types.ts";

const secret = { type: "secureString" };
const text = { type: "string" };
const definitions: JsonObject = {
  secret,
  again: { $ref: "#/definitions/secret" },
  Third: { $ref: "#/definitions/AGAIN", nullable: true },
  itself: { $ref: "#/definitions/itself" },
  account: { type: "object", properties: { user: text, password: { $ref: "#/definitions/Third" } } },
  tree: {
    type: "object",
    properties: { name: text, key: secret, children: { type: "array", items: { $ref: "#/definitions/tree" } } },
  },
};

/** Returns the shown form of a value, and the secrets in it. */
function look(declared: JsonValue, value: JsonValue): { shown: JsonValue | undefined; secrets: readonly JsonValue[] } {
  const secrets: JsonValue[] = [];
  const types = new TemplateTypes({ definitions }, createTemplateBudget());
  return { shown: types.withoutSecrets(declared, value, (each) => secrets.push(each)), secrets };
}

describe("[ARM-TEMPLATE-SECRET] the secrets in a value", () => {
  it.each<[type: string, declared: JsonValue]>([
    ["a secureString", secret],
    ["a secureObject, in any case", { type: "SECUREOBJECT" }],
    ["a reference", { $ref: "#/definitions/secret" }],
    ["a reference to a reference", { $ref: "#/definitions/again" }],
    ["a reference in another case", { $ref: "#/definitions/THIRD" }],
    ["a reference with a type of its own", { $ref: "#/definitions/third", type: "string" }],
    ["a reference without a definition", { $ref: "#/definitions/missing" }],
    ["a reference to another file", { $ref: "other.json#/definitions/text" }],
    ["a reference to itself", { $ref: "#/definitions/itself" }],
    ["an invalid reference", { $ref: 5 }],
  ])("are the whole value of %s", (_type, declared) => {
    expect(look(declared, "hush")).toEqual({ shown: undefined, secrets: ["hush"] });
    expect(look(declared, { key: "hush" })).toEqual({ shown: undefined, secrets: [{ key: "hush" }] });
  });

  it.each<[place: string, declared: JsonValue, value: JsonValue, shown: JsonValue, secrets: readonly JsonValue[]]>([
    [
      "a member",
      { $ref: "#/definitions/account" },
      { user: "a", password: "hush", more: 1 },
      { user: "a", password: null, more: 1 },
      ["hush"],
    ],
    ["a member in another case", { $ref: "#/definitions/account" }, { PassWord: "hush" }, { PassWord: null }, ["hush"]],
    ["an element", { type: "array", items: { $ref: "#/definitions/again" } }, ["a", "b"], [null, null], ["a", "b"]],
    [
      "one of the first elements",
      { type: "array", prefixItems: [text, secret], items: text },
      ["a", "b", "c"],
      ["a", null, "c"],
      ["b"],
    ],
    [
      "a member of no name of its own",
      { type: "object", properties: { user: text }, additionalProperties: secret },
      { user: "a", one: "b", two: "c" },
      { user: "a", one: null, two: null },
      ["b", "c"],
    ],
    [
      "secrets deep in a type that contains itself",
      { $ref: "#/definitions/tree" },
      { name: "a", key: "x", children: [{ name: "b", key: "y", children: [] }] },
      { name: "a", key: null, children: [{ name: "b", key: null, children: [] }] },
      ["x", "y"],
    ],
  ])("include %s", (_place, declared, value, shown, secrets) => {
    expect(look(declared, value)).toEqual({ shown, secrets });
  });

  it("depend on the selected variant of a type, or on all variants if none is selected", () => {
    const declared = {
      type: "object",
      discriminator: {
        propertyName: "kind",
        mapping: {
          open: { type: "object", properties: { kind: text, value: text } },
          closed: { type: "object", properties: { kind: text, value: secret } },
          locked: { type: "secureObject" },
        },
      },
    };
    expect(look(declared, { kind: "open", value: "a" }).shown).toEqual({ kind: "open", value: "a" });
    expect(look(declared, { Kind: "CLOSED", value: "a" }).shown).toEqual({ Kind: "CLOSED", value: null });
    expect(look(declared, { kind: "locked", value: "a" }).shown).toBeUndefined();
    expect(look(declared, { kind: "other", value: "a" }).shown).toBeUndefined();
    expect(look(declared, { value: "a" }).secrets).toEqual([{ value: "a" }]);
  });

  it("are none in a value of another type, which is shown unchanged", () => {
    const value = { user: ["a"], constructor: 1 };
    expect(look({ type: "object", properties: { user: { type: "array", items: text } } }, value)).toEqual({
      shown: value,
      secrets: [],
    });
    expect(look({}, value).shown).toBe(value);
    expect(look(null, value).shown).toBe(value);
  });

  it("are searched for within the budget, whatever the types are", () => {
    const mapping = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [
        `v${index}`,
        { type: "object", properties: { [`p${index}`]: secret } },
      ]),
    );
    const declared = { type: "array", items: { type: "object", discriminator: { propertyName: "kind", mapping } } };
    const value = Array.from({ length: 20_000 }, () => ({ a: 1, b: 2, c: 3 }));
    const types = new TemplateTypes({ definitions }, createTemplateBudget({ ...EVALUATION_LIMITS, steps: 100_000 }));
    expect(() => types.withoutSecrets(declared, value)).toThrow(/exceeds the limit of '100000' steps/);
  });
});
