import { SecretValues } from "./secret-values.ts";
import { describe, expect, it } from "vitest";
import type { Budget } from "../../core/budget.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import {
  hostileTemplate,
  KNOWN_HOSTILE_TEMPLATES,
  type HostileTemplate,
} from "../../../test/support/fixtures/hostile-templates.ts";
import { seededRandom } from "../../../test/support/fixtures/seeded-random.ts";
import { deployTemplate, validateTemplate, type DeploymentTarget } from "./deploy-template.ts";
import { evaluateText } from "./expressions/evaluate.ts";
import type { DeploymentScope } from "./expressions/evaluation.ts";
import { FUNCTIONS } from "./expressions/functions/index.ts";
import { parseTemplateText } from "./parse-template-text.ts";
import { TemplateError } from "./template-error.ts";
import { createEvaluation } from "./template-evaluation.ts";
import { createTemplateBudget, EVALUATION_LIMITS } from "./template-limits.ts";

const group = { id: "/subscriptions/s/resourceGroups/g", name: "g", location: "local", tags: {} };
const scope: DeploymentScope = {
  tenantId: "t",
  subscriptionId: "s",
  resourceGroup: group,
  deployment: { name: "d", location: undefined },
  now: 0,
};
const target: DeploymentTarget = {
  put: () => Promise.resolve(),
  get: () => Promise.resolve({ properties: {} }),
  list: () => Promise.resolve({}),
  ended: () => {},
  resourceGroup: () => Promise.resolve(group),
};

/** Returns how a deployment ended. Throws errors other than those of the template. */
async function outcomeOf({ body }: HostileTemplate, budget: Budget): Promise<"deployed" | "refused" | "too much"> {
  try {
    const properties = parseTemplateText(body, budget)["properties"];
    const template = isJsonObject(properties) ? properties["template"] : undefined;
    const secrets = new SecretValues();
    const request = { template: isJsonObject(template) ? template : {}, parameters: {}, scope, secrets };
    await validateTemplate(request, budget);
    const outcome = await deployTemplate(request, target, budget);
    expect(JSON.stringify(outcome).length).toBeLessThan(5_000_000);
    return "deployed";
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    return /exceeds? the limit|levels deep/.test(thrown.message) ? "too much" : "refused";
  }
}

describe("[ARM-TEMPLATE-BUDGET] hostile templates", () => {
  it.each(KNOWN_HOSTILE_TEMPLATES)("$name: refused", { timeout: 60_000 }, async (hostile) => {
    expect(await outcomeOf(hostile, createTemplateBudget())).not.toBe("deployed");
  });

  it("from 400 seeds are either deployed or refused", { timeout: 120_000 }, async () => {
    const outcomes = { deployed: 0, refused: 0, "too much": 0 };
    for (let seed = 1; seed <= 400; seed += 1) {
      // The limits are divided by 40, so that all templates together take seconds.
      const budget = createTemplateBudget({ ...EVALUATION_LIMITS, steps: 125_000, bytes: 2_500_000 });
      outcomes[await outcomeOf(hostileTemplate(seededRandom(seed)), budget)] += 1;
    }
    // The test would prove nothing if all templates were refused as invalid.
    expect(outcomes.deployed).toBeGreaterThan(20);
    expect(outcomes["too much"]).toBeGreaterThan(100);
  });
});

describe("[ARM-TEMPLATE-BUDGET] every function", () => {
  const numbers = Array.from({ length: 2_000 }, (_, index) => index);
  const values: Readonly<Record<string, JsonValue>> = {
    text: "a".repeat(200_000),
    part: `aaaaab${"a".repeat(16_000)}`,
    numbers,
    // Lists as delimiters, names or values, one with a pitfall.
    texts: ["", ...numbers.map(String)],
    lists: Array.from({ length: 100 }, () => numbers.slice(0, 50)),
    object: Object.fromEntries(numbers.map((number) => [`n${number}`, number])),
    objects: numbers.map((number) => ({ a: number })),
    json: JSON.stringify(numbers.map(() => [[]])),
    placeholders: "{0}".repeat(50_000),
  };
  const large = Object.keys(values).map((name) => `variables('${name}')`);
  const shapes = [
    ...large.flatMap((one) => [
      one,
      ...large.map((other) => `${one}, ${other}`),
      `${one}, variables('part'), ${one}`,
      `${one}, ${one}, ${one}`,
      `${one}, 16000`,
      `${one}, lambda('x', 'y', variables('numbers'))`,
      `${one}, ${one}, lambda('x', 'y', createArray(lambdaVariables('x'), variables('text')))`,
      Array.from({ length: 200 }, () => one).join(", "),
    ]),
    "",
  ];
  const { evaluation } = createEvaluation(
    { template: {}, parameters: {}, scope, secrets: new SecretValues() },
    {
      budget: createTemplateBudget(),
      reference: () => Promise.resolve({}),
      list: () => Promise.resolve({}),
    },
  );

  it.each([...FUNCTIONS.keys()])("%s ends within the budget for all arguments", { timeout: 60_000 }, async (name) => {
    for (const shape of shapes) {
      const budget = createTemplateBudget({ ...EVALUATION_LIMITS, steps: 100_000, bytes: 5_000_000 });
      const variable = (wanted: string): Promise<JsonValue> => Promise.resolve(values[wanted] ?? null);
      const evaluated = evaluateText(`[${name}(${shape})]`, { ...evaluation, budget, variable });
      await evaluated.catch((thrown: unknown) => {
        if (!(thrown instanceof TemplateError)) throw thrown;
      });
    }
  });
});
