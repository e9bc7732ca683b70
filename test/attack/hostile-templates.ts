import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { FUNCTIONS } from "../../src/resource-manager/template/expressions/functions/index.ts";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import { ATTACKED } from "./arm-requests.ts";
import type { RawRequest } from "./http-client.ts";
import { hostileText, hostileVersion } from "./hostile-values.ts";
import type { ManagementTarget } from "./management-requests.ts";
import type { MakeRequest } from "./requests.ts";

const DEPLOYMENTS = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/${ATTACKED}/providers/Microsoft.Resources/deployments`;
const SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
const NAMES: readonly string[] = [...FUNCTIONS.keys()];
const topic = { type: "Microsoft.EventGrid/topics", apiVersion: "2022-06-15", name: "made", location: "local" };

type Template = Readonly<Record<string, unknown>>;
type MakeTemplate = (random: SeededRandom) => Template;

/** Templates that cost much, never end, or refer to themselves. */
const MAKERS: readonly MakeTemplate[] = [
  (random) => outputs(`[${costly(random, 3)}]`),
  (random) => outputs(`[${anyCall(random, 5)}]`),
  (random) => outputs(`[${anyCall(random, 3)}]`),
  () => outputs("[map(range(0,10000), lambda('x', union(range(0,10000), range(0,10000))))]"),
  () => outputs("[map(range(0,10000), lambda('x', map(range(0,10000), lambda('y', mul(lambdaVariables('x'), 2)))))]"),
  () => outputs("[reduce(range(0,10000), '', lambda('a', 'b', concat(lambdaVariables('a'), 'xxxxxxxxxxxxxxxx')))]"),
  () => outputs("[sort(range(0,10000), lambda('a', 'b', contains(range(0,10000), lambdaVariables('a'))))]"),
  () => outputs("[replace(padLeft('', 100000, 'a'), 'a', padLeft('', 100000, 'b'))]"),
  () => outputs("[string(map(range(0,1000), lambda('x', padLeft('', 100000))))]"),
  (random) => doubling(random.pick(["{0}{0}", "{0}{0}{0}{0}{0}{0}{0}{0}"]), 30),
  (random) => outputs(`[${"concat(".repeat(random.pick([50, 5_000]))}'a'${")".repeat(random.pick([50, 5_000]))}]`),
  (random) => outputs(`[${"[".repeat(random.pick([1, 10_000]))}`),
  (random) => outputs(`[concat('${"x".repeat(random.pick([100_000, 3_000_000]))}')]`),
  () => ({ variables: { a: "[variables('b')]", b: "[variables('a')]" }, outputs: output("[variables('a')]") }),
  () => ({
    parameters: { a: { type: "string", defaultValue: "[parameters('a')]" } },
    outputs: output("[parameters('a')]"),
  }),
  (random) => copies(random.pick([-1, 0, 800, 10_000, 1e9])),
  (random) => ({
    variables: { copy: [{ name: "v", count: random.pick([800, 100_000, 1e9]), input: "[range(0, 10000)]" }] },
    outputs: output("[variables('v')]"),
  }),
  () => ({ resources: [{ ...topic, dependsOn: ["[resourceId('Microsoft.EventGrid/topics', 'made')]"] }] }),
  () => ({
    resources: Array.from({ length: 2_000 }, (_, index) => ({ ...topic, name: `t${index}`, condition: false })),
  }),
  (random) => nestedDeployment(random.pick([2, 60]), { ...topic }),
  () => ({
    resources: [
      { ...deployment("linked"), properties: { mode: "Incremental", templateLink: { uri: "http://127.0.0.1:9/t" } } },
    ],
  }),
  () => ({ parameters: Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`p${index}`, { type: "int" }])) }),
  (random) => ({ functions: [{ namespace: "own", members: { f: recursive(random) } }], outputs: output("[own.f(1)]") }),
  (random) => ({
    [hostileText(random)]: { type: "string" },
    outputs: { [hostileText(random)]: { type: "string", value: "x" } },
  }),
  (random) => ({ resources: [{ ...topic, name: `[${costly(random, 2)}]`, condition: `[${anyCall(random, 2)}]` }] }),
];

/** Returns a maker of deployments, validations and previews of hostile templates. */
export function hostileTemplates({ port, authorization }: ManagementTarget): MakeRequest {
  return (random): RawRequest => {
    const template = { $schema: SCHEMA, contentVersion: "1.0.0.0", resources: [], ...random.pick(MAKERS)(random) };
    const deployed = { properties: { mode: "Incremental", template, parameters: {} } };
    const text = random.next() < 0.85 ? JSON.stringify(deployed) : hostileVersion(random, deployed);
    const verb = random.pick(["", "/validate", "/whatIf"]);
    const body = Buffer.from(text);
    return {
      port,
      tls: false,
      method: verb === "" ? "PUT" : "POST",
      target: `${DEPLOYMENTS}/d${random.below(20)}${verb}?api-version=2022-09-01`,
      headers: [
        ["host", `127.0.0.1:${port}`],
        ["authorization", authorization],
        ["content-type", "application/json"],
      ],
      body,
    };
  };
}

function output(value: string): object {
  return { out: { type: "array", value } };
}

function outputs(value: string): Template {
  return { languageVersion: "2.0", outputs: output(value) };
}

/** Calls whose results are as large as they may be, within each other. */
function costly(random: SeededRandom, depth: number): string {
  if (depth === 0) return random.pick(["range(0, 10000)", "padLeft('', 100000, 'x')", "createArray(range(0, 10000))"]);
  const inner = costly(random, depth - 1);
  return random.pick([
    `map(range(0, 10000), lambda('v${depth}', ${inner}))`,
    `filter(range(0, 10000), lambda('v${depth}', contains(string(${inner}), 'y')))`,
    `concat(${inner}, ${inner})`,
    `union(${inner}, ${inner})`,
    `intersection(${inner}, ${inner})`,
    `string(createArray(${inner}, ${inner}))`,
    `json(string(${inner}))`,
    `split(string(${inner}), ',')`,
    `join(createArray(string(${inner}), string(${inner})), string(${inner}))`,
    `uniqueString(string(${inner}))`,
    `base64(string(${inner}))`,
    `toUpper(string(${inner}))`,
    `groupBy(range(0, 10000), lambda('v${depth}', string(${inner})))`,
  ]);
}

/** A call of any function there is, with arguments that it may or may not take. */
function anyCall(random: SeededRandom, depth: number): string {
  if (depth === 0 || random.next() < 0.15) {
    const text = hostileText(random).slice(0, 200).replaceAll("'", "''");
    return random.pick([
      "range(0, 10000)",
      "-1",
      "2147483647",
      "9223372036854775807",
      "createObject()",
      "null()",
      `'${text}'`,
    ]);
  }
  const args = Array.from({ length: random.below(4) }, () => anyCall(random, depth - 1));
  if (random.next() < 0.1) args.push(`lambda('x', ${anyCall(random, depth - 1)})`);
  return `${random.pick(NAMES)}(${args.join(", ")})${random.pick(["", "", "", ".x", "[0]", "[-1]", ".__proto__", "['constructor']"])}`;
}

/** Variables of which each is a multiple of the one before. */
function doubling(format: string, count: number): Template {
  const variables: Record<string, string> = { v0: "x".repeat(64) };
  for (let index = 1; index <= count; index += 1)
    variables[`v${index}`] = `[format('${format}', variables('v${index - 1}'))]`;
  return { variables, outputs: output(`[variables('v${count}')]`) };
}

function copies(count: number): Template {
  return {
    resources: [{ ...topic, name: "[concat('made', copyIndex())]", condition: false, copy: { name: "c", count } }],
  };
}

function recursive(random: SeededRandom): object {
  return {
    parameters: [{ name: "n", type: "int" }],
    output: { type: "int", value: random.pick(["[own.f(parameters('n'))]", "[add(parameters('n'), 1)]"]) },
  };
}

function deployment(name: string): Template {
  return { type: "Microsoft.Resources/deployments", apiVersion: "2022-09-01", name };
}

function nestedDeployment(depth: number, inner: object): Template {
  if (depth === 0) return { resources: [inner] };
  const template = { $schema: SCHEMA, contentVersion: "1.0.0.0", ...nestedDeployment(depth - 1, inner) };
  const properties = { mode: "Incremental", expressionEvaluationOptions: { scope: "inner" }, template };
  return { resources: [{ ...deployment(`n${depth}`), properties }] };
}
