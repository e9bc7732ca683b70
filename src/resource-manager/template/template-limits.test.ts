import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import {
  deployInMemory as deploy,
  outputOf,
  topicDeclaration as topic,
} from "../../../test/support/fixtures/template-deployment.ts";

describe("[ARM-TEMPLATE-LIMITS] limits", () => {
  const many = (count: number, value: JsonValue): JsonObject =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, value]));
  const parameter: JsonObject = { type: "string", defaultValue: "" };
  const output: JsonObject = { type: "string", value: "" };

  it.each<[template: JsonObject, message: string]>([
    [
      { parameters: many(257, parameter) },
      "The number of template parameters limit exceeded. Limit: '256' and actual: '257'. Please see https://aka.ms/arm-template/#parameters for usage details.",
    ],
    [{ variables: many(272, "") }, "The number of template variables limit exceeded. Limit: '256' and actual: '272'"],
    [
      { variables: { ...many(256, ""), copy: [{ name: "a", count: 1, input: "" }] } },
      "The number of template variables limit exceeded. Limit: '256' and actual: '257'",
    ],
    [{ outputs: many(65, output) }, "The number of template outputs limit exceeded. Limit: '64' and actual: '65'"],
    [
      { resources: Array.from({ length: 1_279 }, (_, index) => topic(`t${index}`)) },
      "The number of template resources limit exceeded. Limit: '800' and actual: '1279'",
    ],
    [
      { resources: [topic("[concat('t', copyIndex())]", { copy: { name: "l", count: 800 } }), topic("a")] },
      "The number of template resources limit exceeded. Limit: '800' and actual: '801'",
    ],
    [
      { variables: { long: `[concat('${"x".repeat(81_920)}')]` }, ...outputOf("variables('long')") },
      "The language expression length limit exceeded. Limit: '81920' and actual: '81932'",
    ],
    [
      {
        variables: { half: "x".repeat(2_200_000) },
        outputs: many(2, { type: "string", value: "[variables('half')]" }),
      },
      "The size of the template with everything evaluated exceeds the limit of '4194304' bytes",
    ],
    [
      {
        variables: { half: "x".repeat(2_200_000) },
        resources: [
          topic("one", { tags: { a: "[variables('half')]" } }),
          topic("two", { tags: { a: "[variables('half')]" } }),
        ],
      },
      "The size of the template with everything evaluated exceeds the limit of '4194304' bytes",
    ],
  ])("refuse template %# that exceeds one of them", async (template, message) => {
    await expect(deploy(template)).rejects.toThrow(message);
  });

  it("accept a template that just reaches them", async () => {
    const { puts } = await deploy({
      parameters: many(256, parameter),
      variables: many(256, ""),
      outputs: many(64, output),
      resources: [topic("[concat('t', copyIndex())]", { copy: { name: "l", count: 800 } })],
    });
    expect(puts).toHaveLength(800);
  });
});
