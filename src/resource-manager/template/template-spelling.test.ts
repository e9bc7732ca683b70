import { describe, expect, it } from "vitest";
import { deployInMemory, topicDeclaration } from "../../../test/support/fixtures/template-deployment.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";

/** A template that uses all names of the language. */
const template: JsonObject = {
  languageVersion: "2.0",
  definitions: {
    pair: { type: "object", properties: { Left: { type: "int" }, Right: { type: "secureString" } } },
  },
  parameters: {
    Count: { type: "int", defaultValue: 2, minValue: 1, maxValue: 3 },
    Both: { $ref: "#/definitions/pair", defaultValue: { Left: 1, Right: "hush" } },
    Kind: { type: "string", defaultValue: "a", allowedValues: ["a", "b"] },
  },
  variables: {
    Plain: "v",
    copy: [{ name: "Looped", count: 2, input: "[copyIndex('Looped')]" }],
  },
  functions: [
    {
      namespace: "Own",
      members: {
        Twice: {
          parameters: [{ name: "Text", type: "string" }],
          output: { type: "string", value: "[concat(parameters('Text'), parameters('Text'))]" },
        },
      },
    },
  ],
  resources: {
    First: topicDeclaration("first", {
      properties: {
        Plain: "[variables('Plain')]",
        copy: [{ name: "List", count: "[parameters('Count')]", input: "[own.twice(string(copyIndex('List')))]" }],
      },
    }),
    Loop: topicDeclaration("[format('loop-{0}', copyIndex())]", {
      copy: { name: "loop", count: 2 },
      dependsOn: ["First"],
    }),
    Skipped: topicDeclaration("skipped", { condition: false }),
    Known: topicDeclaration("known", { existing: true }),
    Nested: {
      type: "Microsoft.Resources/deployments",
      apiVersion: "2024-11-01",
      name: "inner",
      properties: {
        mode: "Incremental",
        expressionEvaluationOptions: { scope: "inner" },
        parameters: { Given: { value: "[parameters('Kind')]" } },
        template: {
          parameters: { Given: { type: "string" } },
          resources: [topicDeclaration("[concat('inner-', parameters('Given'))]")],
          outputs: { Told: { type: "string", value: "[parameters('Given')]" } },
        },
      },
    },
  },
  outputs: {
    Looped: { type: "array", value: "[variables('Looped')]" },
    Copied: { type: "array", copy: { count: 2, input: "[copyIndex()]" } },
    Both: { $ref: "#/definitions/pair", value: "[parameters('Both')]" },
    Inner: { type: "string", value: "[reference('Nested').outputs.Told.value]" },
    Absent: { type: "string", condition: false, value: "no" },
  },
};

/** Objects with names of the author's own. */
const OWN = new Set([
  "defaultValue",
  "definitions",
  "parameters",
  "variables",
  "members",
  "resources",
  "outputs",
  "properties",
]);
const LANGUAGE = new Set(
  (
    "languageVersion definitions parameters variables functions resources outputs type properties defaultValue minValue " +
    "maxValue allowedValues copy name count input namespace members output value apiVersion location dependsOn condition " +
    "existing mode expressionEvaluationOptions scope template $ref"
  ).split(" "),
);

function shouted(value: JsonValue, parent = ""): JsonValue {
  if (Array.isArray(value)) return value.map((each) => shouted(each as JsonValue));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each = null]) => {
      const isOwn = OWN.has(parent) && name !== "copy" && !(parent === "properties" && LANGUAGE.has(name));
      return [isOwn ? name : name.toUpperCase(), shouted(each, isOwn ? "" : name)];
    }),
  );
}

describe("[ARM-CASE] a template", () => {
  it("is read with the names of the language in any case", async () => {
    const plain = await deployInMemory(template);
    expect(plain.puts.map(([id]) => id.slice(id.lastIndexOf("/") + 1))).toEqual([
      "first",
      "loop-0",
      "loop-1",
      "inner-a",
    ]);
    expect(plain.outcome.outputs).toEqual({
      Looped: { type: "Array", value: [0, 1] },
      Copied: { type: "Array", value: [0, 1] },
      Both: { type: "Object", value: { Left: 1, Right: null } },
      Inner: { type: "String", value: "a" },
    });
    const loud = shouted(template) as JsonObject;
    expect(Object.keys(loud)).toContain("RESOURCES");
    const spelled = await deployInMemory(loud);
    expect(spelled.outcome).toEqual(plain.outcome);
    // Another reader reads the names in bodies, in any case too.
    expect(spelled.puts.map(([id]) => id)).toEqual(plain.puts.map(([id]) => id));
    expect(spelled.puts[0]?.[1]).toMatchObject({ properties: { List: ["00", "11"] } });
  });
});
