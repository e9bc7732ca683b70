import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { armTemplate } from "./print-arm.ts";
import { bicepFile } from "./print-bicep.ts";
import {
  Expression,
  ParameterReference,
  ResourceReference,
  type ExportedTemplate,
  type TemplateResource,
  type TemplateValue,
} from "./template-value.ts";

const topic = (name: string, value: TemplateValue): TemplateResource => ({
  id: new ResourceReference("Microsoft.EventGrid/topics", [name]),
  apiVersion: "2025-02-15",
  dependsOn: [],
  body: { properties: { value } },
});
const template = (resources: readonly TemplateResource[]): ExportedTemplate => ({
  parameters: [],
  resources,
  warnings: [],
});
const inArm = (value: TemplateValue): unknown => {
  const { resources } = armTemplate(template([topic("orders", value)]));
  const [first] = resources as readonly { readonly properties: JsonObject }[];
  return first?.properties["value"];
};
const inBicep = (value: TemplateValue): string =>
  /value: (.*)\n {2}\}/s.exec(bicepFile(template([topic("orders", value)])))?.[1] ?? "";

describe("values", () => {
  it.each<[kind: string, value: TemplateValue, arm: unknown, bicep: string]>([
    ["plain text", "plain", "plain", "'plain'"],
    ["a quote", "it's", "it's", "'it\\'s'"],
    ["a backslash", "a\\b", "a\\b", "'a\\\\b'"],
    ["an interpolation", "${x} $y {z}", "${x} $y {z}", "'\\${x} $y {z}'"],
    ["lines", "a\r\n\tb", "a\r\n\tb", "'a\\r\\n\\tb'"],
    ["a control character", "\u0001", "\u0001", "'\\u{1}'"],
    ["brackets around", "[/x]", "[[/x]", "'[/x]'"],
    ["brackets over lines", "[a\nb]", "[[a\nb]", "'[a\\nb]'"],
    ["doubled brackets", "[[x", "[[[x", "'[[x'"],
    ["one bracket", "[x", "[x", "'[x'"],
    ["a whole number", 12, 12, "12"],
    ["a fraction", -1.5, -1.5, "json('-1.5')"],
    ["a boolean", true, true, "true"],
    ["null", null, null, "null"],
    ["an empty list", [], [], "[]"],
    ["an empty object", {}, {}, "{}"],
    ["an odd name", { "a-b": 1 }, { "a-b": 1 }, "{\n      'a-b': 1\n    }"],
    ["a parameter", new ParameterReference("url"), "[parameters('url')]", "url"],
    ["an expression", new Expression("resourceGroup().id"), "[resourceGroup().id]", "resourceGroup().id"],
    [
      "an id in another group",
      new ResourceReference("A.B/c", ["it's"], "other"),
      "[resourceId('other', 'A.B/c', 'it''s')]",
      "resourceId('other', 'A.B/c', 'it\\'s')",
    ],
    [
      "an id of a resource in the template",
      new ResourceReference("Microsoft.EventGrid/topics", ["orders"]),
      "[resourceId('Microsoft.EventGrid/topics', 'orders')]",
      "orders.id",
    ],
  ])("are printed for %s", (_kind, value, arm, bicep) => {
    expect(inArm(value)).toEqual(arm);
    expect(inBicep(value)).toBe(bicep);
  });
});

describe("a Bicep file", () => {
  it("declares children with their parent, extensions with their scope, and further dependencies", () => {
    const account = new ResourceReference("Microsoft.Storage/storageAccounts", ["photos"]);
    const hidden = new ResourceReference("Microsoft.EventGrid/topics", ["null"]);
    const file = bicepFile(
      template([
        { ...topic("null", 1), comment: "A name." },
        { id: account, apiVersion: "2023-01-01", dependsOn: [], body: {} },
        {
          id: new ResourceReference("Microsoft.EventGrid/topics/eventSubscriptions", ["null", "billing"]),
          apiVersion: "2025-02-15",
          dependsOn: [account, hidden],
          body: { properties: { id: account } },
        },
        {
          id: new ResourceReference("Microsoft.EventGrid/eventSubscriptions", ["9 lives"]),
          apiVersion: "2025-02-15",
          scope: account,
          dependsOn: [hidden],
          body: {},
        },
      ]),
    );
    expect(file).toContain("// A name.\nresource null2 'Microsoft.EventGrid/topics@2025-02-15' = {\n  name: 'null'\n");
    expect(file).toContain(
      "resource nullBilling 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = {\n  parent: null2\n  name: 'billing'\n  properties: {\n    id: photos.id\n  }\n  dependsOn: [\n    null2\n  ]\n}\n",
    );
    expect(file).toContain(
      "resource the9Lives 'Microsoft.EventGrid/eventSubscriptions@2025-02-15' = {\n  scope: photos\n  name: '9 lives'\n  dependsOn: [\n    null2\n  ]\n}\n",
    );
  });

  it("declares secrets as secure parameters", () => {
    const file = bicepFile({
      ...template([]),
      parameters: [{ name: "url", type: "securestring", description: "A 'URL'.", defaultValue: "https://x/?a" }],
    });
    expect(file).toBe("@description('A \\'URL\\'.')\n@secure()\nparam url string = 'https://x/?a'\n");
  });
});
