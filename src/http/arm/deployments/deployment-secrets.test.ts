import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { GROUP, startArmApp } from "../../../../test/support/servers/arm-app.ts";
import { createLineLogger } from "../../../app/system/line-logger.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";

const SECRET = "hush-hush-4711";
const DEPLOYMENT = `${GROUP}/providers/Microsoft.Resources/deployments/first`;

const definitions = {
  key: { type: "secureString" },
  alias: { $ref: "#/definitions/key" },
  account: { type: "object", properties: { user: { type: "string" }, password: { $ref: "#/definitions/alias" } } },
};
const parameters = {
  plain: { type: "securestring" },
  aliased: { $ref: "#/definitions/alias" },
  account: { $ref: "#/definitions/account" },
  list: { type: "array", items: { $ref: "#/definitions/account" } },
  whole: { type: "secureObject" },
};
const account = { user: "admin", password: SECRET };
const values: JsonObject = {
  plain: { value: SECRET },
  aliased: { value: SECRET },
  account: { value: account },
  list: { value: [account] },
  whole: { value: { deep: [SECRET] } },
};

/** Returns a nested deployment with the given template and parameters. */
const nested = (scope: "inner" | "outer", template: JsonObject, inputs?: JsonObject): JsonObject => ({
  type: "Microsoft.Resources/deployments",
  apiVersion: "2024-11-01",
  name: `nested-${scope}`,
  properties: {
    mode: "Incremental",
    expressionEvaluationOptions: { scope },
    template,
    ...(inputs === undefined ? {} : { parameters: inputs }),
  },
});

const outputs = {
  plain: { type: "securestring", value: "[parameters('plain')]" },
  aliased: { $ref: "#/definitions/alias", value: "[parameters('plain')]" },
  account: { $ref: "#/definitions/account", value: "[parameters('account')]" },
  list: { type: "array", items: { $ref: "#/definitions/account" }, value: "[parameters('list')]" },
};

/** Deploys a template, and collects all responses, records, log lines and engine events on the way. */
async function deploy(template: JsonObject, parameterValues: JsonObject = values) {
  const lines: unknown[] = [];
  const app = await startArmApp({ logger: createLineLogger("debug", (line) => lines.push(line)) });
  const { engine } = app.harness;
  const observed: unknown[] = [];
  engine.observe((event) => observed.push(event));
  const body = { properties: { mode: "Incremental", template, parameters: parameterValues } };
  const answers: unknown[] = [];
  const call = async (method: string, path: string, content?: unknown) => {
    const answer = await app.call(method, path, content);
    answers.push(answer.body, [...answer.headers]);
    return answer;
  };
  await call("POST", `${DEPLOYMENT}/validate`, body);
  await call("POST", `${DEPLOYMENT}/whatIf`, body);
  const begun = await call("PUT", DEPLOYMENT, body);
  let state = begun.body.properties?.provisioningState;
  for (; state === "Running"; state = (await call("GET", DEPLOYMENT)).body.properties.provisioningState) {
    await nextTurn();
  }
  await call("GET", `${DEPLOYMENT}/operations`);
  await call("GET", `${GROUP}/providers/Microsoft.Resources/deployments`);
  const shown = (await call("GET", DEPLOYMENT)).body;
  const stored = engine.directory.get(DEPLOYMENT);
  return { state, begun, shown, everything: JSON.stringify({ answers, lines, observed, stored }) };
}

describe("[ARM-TEMPLATE-SECRET] the secrets of a deployment", () => {
  it("are in no response, record or log line, whichever path leads to their type", async () => {
    const { state, shown, everything } = await deploy({
      languageVersion: "2.0",
      definitions,
      parameters,
      resources: {},
      outputs,
    });
    expect(state).toBe("Succeeded");
    expect(everything).not.toContain(SECRET);
    const hidden = { user: "admin", password: null };
    expect(shown.properties.outputs).toEqual({
      plain: { type: "SecureString" },
      aliased: { type: "SecureString" },
      account: { type: "Object", value: hidden },
      list: { type: "Array", value: [hidden] },
    });
    expect(shown.properties.parameters).toEqual({ ...shown.properties.outputs, whole: { type: "SecureObject" } });
  });

  it.each(["inner", "outer"] as const)("are not in the outputs of a nested deployment of %s scope", async (scope) => {
    const inner = {
      languageVersion: "2.0",
      definitions,
      ...(scope === "inner" ? { parameters: { account: parameters.account } } : {}),
      resources: {},
      outputs: { account: outputs.account },
    };
    const inputs = scope === "inner" ? { account: { value: "[parameters('account')]" } } : undefined;
    const { state, shown, everything } = await deploy({
      languageVersion: "2.0",
      // In the outer template the name refers to another type.
      definitions: scope === "outer" ? { ...definitions, key: { type: "securestring" } } : definitions,
      parameters,
      resources: { nested: nested(scope, inner, inputs) },
      outputs: { told: { type: "object", value: "[reference('nested').outputs.account]" } },
    });
    expect(state).toBe("Succeeded");
    expect(everything).not.toContain(SECRET);
    expect(shown.properties.outputs.told.value).toEqual({ type: "Object", value: { user: "admin", password: null } });
  });

  it.each<[source: string, resource: JsonValue]>([
    ["an expression", { tags: { a: "[int(parameters('plain'))]" } }],
    ["a rule of a resource", { properties: { inboundIpRules: [{ ipMask: "[parameters('plain')]" }] } }],
    ["the reader of a body", { properties: { publicNetworkAccess: "[parameters('account').password]" } }],
    ["a type of its own", { location: "[parameters('whole')]" }],
  ])("are not in the error of %s", async (_source, more) => {
    const resource = { type: "Microsoft.EventGrid/topics", apiVersion: "2025-02-15", name: "made", location: "local" };
    const resources = { made: { ...resource, ...(more as JsonObject) } };
    const { state, shown, everything } = await deploy({ languageVersion: "2.0", definitions, parameters, resources });
    expect(state).toBe("Failed");
    expect(JSON.stringify(shown.properties.error)).toContain("message");
    expect(everything).not.toContain(SECRET);
  });

  it.each<[fault: string, declared: JsonObject, sent: JsonObject]>([
    ["is not an allowed value", { type: "securestring", allowedValues: [SECRET] }, { value: "other-secret" }],
    ["is sent in place of the object that holds it", { type: "securestring" }, SECRET as never],
    ["determines a resource's type", { type: "securestring" }, { value: SECRET }],
  ])("are not in the error when one %s", async (_fault, plain, sent) => {
    const resources = [{ type: "[parameters('plain')]", apiVersion: "2025-02-15", name: "made" }];
    const { begun, everything } = await deploy({ parameters: { plain }, resources }, { plain: sent });
    expect(begun.status).toBe(400);
    expect(begun.body.error.message).not.toBe("");
    expect(everything).not.toMatch(/hush-hush|other-secret/);
  });

  it("include the keys that a list function returned", async () => {
    const { state, shown, everything } = await deploy(
      {
        resources: [
          {
            type: "Microsoft.EventGrid/topics",
            apiVersion: "2025-02-15",
            name: "made",
            location: "local",
            tags: { key: "[int(listKeys(resourceId('Microsoft.EventGrid/topics', 'orders'), '2025-02-15').key1)]" },
          },
        ],
        outputs: {},
      },
      {},
    );
    expect(state).toBe("Failed");
    expect(shown.properties.error.message).toContain("***");
    // This is the key of the harness's topic.
    expect(everything).not.toContain(Buffer.alloc(32, 7).toString("base64"));
  });
});
