import { SecretValues } from "./secret-values.ts";
import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import {
  deployInMemory as deploy,
  resultOf as valueOf,
  TEMPLATE_SCOPE as scope,
  topicDeclaration as topic,
} from "../../../test/support/fixtures/template-deployment.ts";
import { validateTemplate } from "./deploy-template.ts";
import { parseTemplateText } from "./parse-template-text.ts";
import { createTemplateBudget } from "./template-limits.ts";

const GROUP = "/subscriptions/s1/resourceGroups/g1";
const id = (name: string): string => `${GROUP}/providers/Microsoft.EventGrid/topics/${name}`;

describe("[ARM-TEMPLATE-TEXT] template text", () => {
  it("is JSON with comments, unquoted names, trailing commas and line breaks in strings", () => {
    const text = `{ // begins "here'\n template: {a: "x\ny", /* 'more */ 'b': [1, 2,], url: "http://h//p"},\n}`;
    expect(parseTemplateText(text, createTemplateBudget())).toEqual({
      template: { a: "x\ny", b: [1, 2], url: "http://h//p" },
    });
  });

  it.each(["", "[]", "{", "{a: }", "null", '{"a": "b'])("refuses %j", (text) => {
    expect(() => parseTemplateText(text, createTemplateBudget())).toThrow(
      "The request content was invalid and could not be deserialized",
    );
  });
});

describe("[ARM-TEMPLATE-EXPRESSIONS] expressions", () => {
  it.each<[expression: string, value: JsonValue]>([
    ["'it''s'", "it's"],
    ["concat('a', 'b', string(3))", "ab3"],
    ["createArray(1, 2)[1]", 2],
    ["createObject('a', createObject('b', 5)).A.b", 5],
    ["createObject('a', 1).?b", null],
    ["createArray()[?0]", null],
    ["  add( 1 ,-2 ) ", -1],
    ["if(equals('a', 'a'), 'yes', div(1, 0))", "yes"],
    ["or(true(), bool(div(1, 0)))", true],
    ["map(range(0, 3), lambda('i', mul(lambdaVariables('i'), 2)))", [0, 2, 4]],
  ])("%s is %j", async (expression, value) => {
    expect(await valueOf(expression)).toEqual(value);
  });

  it("are not recognized in a doubled bracket and plain text", async () => {
    const { outcome } = await deploy({ outputs: { it: { type: "array", value: ["[[x]", "[y", "plain"] } } });
    expect(outcome.outputs["it"]).toEqual({ type: "Array", value: ["[x]", "[y", "plain"] });
  });

  it.each([
    ["nothing()", "The template function 'nothing' is not valid"],
    ["concat(", "is not valid near position"],
    ["createArray(1)[1]", "index '1' is out of bounds"],
    ["createObject('a', 1).b", "property 'b' doesn't exist, available properties are 'a'"],
    ["div(1, 0)", "other than zero"],
    ["not('x')", "to be a boolean"],
    ["length(1, 2)", "expects exactly 1 parameter(s), but 2 were given"],
    ["copyIndex()", "'copyIndex' is not expected at this location"],
    ["1; 2", "is not valid near position"],
    [`${"not(".repeat(200)}true()${")".repeat(200)}`, "nested more than 100 deep"],
  ])("%s is refused", async (expression, message) => {
    await expect(valueOf(expression)).rejects.toThrow(message);
  });
});

describe("[ARM-TEMPLATE-FUNCTIONS] functions", () => {
  it.each<[expression: string, value: JsonValue]>([
    ["base64ToString(base64('häß'))", "häß"],
    ["format('{0}-{1:D3}{{x}}', 'a', 7)", "a-007{x}"],
    ["split('a,b;c', createArray(',', ';'))", ["a", "b", "c"]],
    ["join(createArray('a', 1), '-')", "a-1"],
    ["substring('hello', 1, 3)", "ell"],
    ["replace('a.b.c', '.', '$&')", "a$&b$&c"],
    ["padLeft(7, 3, '0')", "007"],
    ["uri('http://h/a/', 'b')", "http://h/a/b"],
    ["json('{\"a\": [1]}').a[0]", 1],
    ["toLower('AB')", "ab"],
    ["startsWith('Hello', 'hE')", true],
    ["guid('a')", "3703365d-5a9f-59b4-bca7-b9681389e4c1"],
    ["length(uniqueString('a', 'b'))", 13],
    ["equals(uniqueString('a'), uniqueString('b'))", false],
    ["contains(createObject('Ab', 1), 'aB')", true],
    ["contains(createArray(createObject('a', 1)), createObject('a', 1))", true],
    ["union(createObject('a', createObject('x', 1)), createObject('a', createObject('y', 2)))", { a: { x: 1, y: 2 } }],
    ["union(createArray(1, 2), createArray(2, 3))", [1, 2, 3]],
    ["intersection(createArray(1, 2), createArray(2, 3))", [2]],
    ["first('abc')", "a"],
    ["last(createArray(1, 2))", 2],
    ["take(skip(range(0, 5), 1), 2)", [1, 2]],
    ["empty('')", true],
    ["coalesce(null(), 'x')", "x"],
    ["max(1, 3, 2)", 3],
    ["min(createArray(4, 2))", 2],
    ["items(createObject('b', 2, 'a', 1))[0].key", "a"],
    ["tryGet(createObject('a', createArray(5)), 'a', 0)", 5],
    ["int('12')", 12],
    ["mod(7, 3)", 1],
    ["less('a', 'b')", true],
    ["greaterOrEquals(2, 2)", true],
    ["filter(range(0, 4), lambda('i', greater(lambdaVariables('i'), 1)))", [2, 3]],
    ["sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))", [1, 2, 3]],
    ["reduce(range(1, 3), 0, lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))", 6],
    ["toObject(createArray('a'), lambda('e', lambdaVariables('e')), lambda('e', 1))", { a: 1 }],
    ["resourceGroup().name", "g1"],
    ["subscription().subscriptionId", "s1"],
    ["tenant().tenantId", "t1"],
    ["deployment().name", "d1"],
    ["utcNow()", "20260102T030405Z"],
    ["utcNow('yyyy-MM-dd')", "2026-01-02"],
    ["resourceId('A.B/c', 'n')", `${GROUP}/providers/A.B/c/n`],
    ["resourceId('g2', 'A.B/c/d', 'n', 'm')", "/subscriptions/s1/resourceGroups/g2/providers/A.B/c/n/d/m"],
    ["resourceId('s2', 'g2', 'A.B/c', 'n')", "/subscriptions/s2/resourceGroups/g2/providers/A.B/c/n"],
    ["subscriptionResourceId('A.B/c', 'n')", "/subscriptions/s1/providers/A.B/c/n"],
    ["extensionResourceId('/x', 'A.B/c', 'n')", "/x/providers/A.B/c/n"],
    ["reference(resourceId('A.B/c', 'n'), '2020-01-01').state", "of n"],
    ["reference(resourceId('A.B/c', 'n'), '2020-01-01', 'Full').id", `${GROUP}/providers/A.B/c/n`],
    ["listKeys(resourceId('A.B/c', 'n'), '2020-01-01').key1", "listKeys of n"],
  ])("%s is %j", async (expression, value) => {
    expect(await valueOf(expression)).toEqual(value);
  });

  it("may be defined by the template", async () => {
    const functions = [
      {
        namespace: "my",
        members: {
          twice: {
            parameters: [{ name: "text", type: "string" }],
            output: { type: "string", value: "[concat(parameters('text'), parameters('text'))]" },
          },
        },
      },
    ];
    expect(await valueOf("my.twice('ab')", { functions })).toBe("abab");
  });
});

describe("[ARM-TEMPLATE-PARAMETERS] parameters and variables", () => {
  const template: JsonObject = {
    parameters: {
      name: { type: "string", minLength: 2, maxLength: 5 },
      size: { type: "Int", defaultValue: 3, minValue: 1, maxValue: 9 },
      kind: { type: "string", defaultValue: "[concat('a', 'b')]", allowedValues: ["ab", "cd"] },
      secret: { type: "secureString", defaultValue: "hidden" },
    },
    variables: { full: "[format('{0}{1}', parameters('NAME'), variables('part'))]", part: "-x" },
    resources: [topic("[variables('full')]", { properties: { size: "[parameters('size')]" } })],
    outputs: { out: { type: "string", value: "[variables('full')]" }, key: { type: "securestring", value: "k" } },
  };

  it("have sent or default values, and hide secrets", async () => {
    const { puts, outcome } = await deploy(template, { name: { value: "abc" } });
    expect(puts).toEqual([[id("abc-x"), { location: "westeurope", properties: { size: 3 } }]]);
    expect(outcome.parameters).toEqual({
      name: { type: "String", value: "abc" },
      size: { type: "Int", value: 3 },
      kind: { type: "String", value: "ab" },
      secret: { type: "SecureString" },
    });
    expect(outcome.outputs).toEqual({ out: { type: "String", value: "abc-x" }, key: { type: "SecureString" } });
  });

  it.each<[parameters: JsonObject, message: string]>([
    [{}, "The value for the template parameter 'name' is not provided"],
    [
      { name: { value: "abc" }, other: { value: 1 } },
      "do not correspond to any parameters defined in the template: 'other'",
    ],
    [{ name: { value: 1 } }, "Expected 'string'. Actual 'Integer'"],
    [{ name: { value: "a" } }, "at least 2 is needed"],
    [{ name: { value: "abcdef" } }, "at most 5 is allowed"],
    [{ name: { value: "abc" }, size: { value: 10 } }, "at most 9 is allowed"],
    [{ name: { value: "abc" }, kind: { value: "ef" } }, "not part of the allowed value(s)"],
    [{ name: { reference: { keyVault: {} } } }, "which is not supported"],
  ])("%j is refused", async (parameters, message) => {
    await expect(deploy(template, parameters)).rejects.toThrow(message);
  });

  it("may not refer to each other in a circle", async () => {
    const circle = { variables: { a: "[variables('b')]", b: "[variables('a')]" } };
    await expect(valueOf("variables('a')", circle)).rejects.toThrow("refers to itself");
  });
});

describe("[ARM-TEMPLATE-RESOURCES] [ARM-TEMPLATE-LIMITS] resources", () => {
  it("may be loops, conditional, nested, and extensions of other resources", async () => {
    const { puts } = await deploy({
      resources: [
        topic("[concat('t', copyIndex('loop', 1))]", { copy: { name: "loop", count: 2 } }),
        topic("absent", { condition: "[equals(1, 2)]" }),
        {
          type: "Microsoft.EventGrid/domains",
          apiVersion: "1",
          name: "d",
          resources: [{ type: "topics", apiVersion: "1", name: "inner", dependsOn: ["d"] }],
        },
        {
          type: "Microsoft.EventGrid/eventSubscriptions",
          apiVersion: "1",
          name: "scoped",
          scope: "Microsoft.Storage/storageAccounts/acct",
          properties: { copy: [{ name: "labels", count: 2, input: "[concat('l', copyIndex('labels'))]" }] },
        },
        {
          type: "Microsoft.Storage/storageAccounts/providers/eventSubscriptions",
          apiVersion: "1",
          name: "acct/Microsoft.EventGrid/old",
          dependsOn: ["loop", "absent"],
        },
      ],
    });
    const account = `${GROUP}/providers/Microsoft.Storage/storageAccounts/acct`;
    expect(puts.map(([put]) => put)).toEqual([
      id("t1"),
      id("t2"),
      `${GROUP}/providers/Microsoft.EventGrid/domains/d`,
      `${GROUP}/providers/Microsoft.EventGrid/domains/d/topics/inner`,
      `${account}/providers/Microsoft.EventGrid/eventSubscriptions/scoped`,
      `${account}/providers/Microsoft.EventGrid/eventSubscriptions/old`,
    ]);
    expect(puts[4]?.[1]).toEqual({ properties: { labels: ["l0", "l1"] } });
  });

  it("may have symbolic names, and may exist already", async () => {
    const { puts, outcome } = await deploy({
      languageVersion: "2.0",
      resources: {
        second: topic("two", { dependsOn: ["first"], properties: { from: "[reference('known').state]" } }),
        first: topic("one"),
        known: topic("old", { existing: true }),
      },
      outputs: { id: { type: "string", value: "[resourceId('Microsoft.EventGrid/topics', 'one')]" } },
    });
    expect(puts.map(([put]) => put)).toEqual([id("one"), id("two")]);
    expect(puts[1]?.[1]).toMatchObject({ properties: { from: "of old" } });
    expect(outcome.resources.map((resource) => resource.name)).toEqual(["two", "one"]);
  });

  it.each<[resources: JsonValue, message: string]>([
    [[topic("a"), topic("A")], "is defined multiple times in a template"],
    [[topic("a", { dependsOn: ["b"] })], "The resource 'b' is not defined in the template"],
    [[topic("a/b")], "has incorrect segment lengths"],
    [[{ type: "A.B/c", name: "n" }], "has no apiVersion"],
    [[topic("a", { copy: { name: "l", count: 801 } })], "must be a non-negative integer value and cannot exceed '800'"],
    [["a"], "Every resource must be an object"],
  ])("%j are refused", async (resources, message) => {
    const validated = validateTemplate(
      { template: { resources }, parameters: {}, scope, secrets: new SecretValues() },
      createTemplateBudget(),
    );
    await expect(validated).rejects.toThrow(message);
  });
});

describe("[ARM-TEMPLATE-DEPLOY] [ARM-TEMPLATE-INVALID] order", () => {
  it("follows dependsOn and reference", async () => {
    const { puts } = await deploy({
      resources: [
        topic("a", { dependsOn: ["[resourceId('Microsoft.EventGrid/topics', 'b')]"] }),
        topic("b", { properties: { from: "[reference(resourceId('Microsoft.EventGrid/topics', 'c')).state]" } }),
        topic("c"),
      ],
    });
    expect(puts.map(([put]) => put)).toEqual([id("c"), id("b"), id("a")]);
    expect(puts[1]?.[1]).toMatchObject({ properties: { from: "of c" } });
  });

  it("rejects circular dependencies", async () => {
    const resources = [topic("a", { dependsOn: ["b"] }), topic("b", { dependsOn: ["a"] })];
    await expect(deploy({ resources })).rejects.toThrow("Circular dependency detected on resource");
  });

  it("ends with the first failure", async () => {
    const failed = await deploy({ resources: [topic("broken"), topic("never")] }).catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({ message: "refused" });
  });
});

describe("[ARM-TEMPLATE-NESTED] nested deployments", () => {
  const inner: JsonObject = {
    parameters: { name: { type: "string" } },
    resources: [topic("[parameters('name')]")],
    outputs: { made: { type: "string", value: "[parameters('name')]" } },
  };
  const nested = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
    type: "Microsoft.Resources/deployments",
    apiVersion: "2022-09-01",
    name: "module",
    properties: { mode: "Incremental", ...properties },
    ...more,
  });

  it("have a scope of their own, and outputs", async () => {
    const { puts, outcome } = await deploy({
      variables: { v: "in" },
      resources: [
        nested({
          expressionEvaluationOptions: { scope: "inner" },
          template: inner,
          parameters: { name: { value: "[variables('v')]" } },
        }),
      ],
      outputs: {
        it: {
          type: "string",
          value: "[reference(resourceId('Microsoft.Resources/deployments', 'module')).outputs.made.value]",
        },
      },
    });
    expect(puts.map(([put]) => put)).toEqual([id("in")]);
    expect(outcome.outputs["it"]).toEqual({ type: "String", value: "in" });
  });

  it("of outer scope use the outer parameters, and may be deployed to another group", async () => {
    const { puts } = await deploy(
      { parameters: { name: { type: "string" } }, resources: [nested({ template: inner }, { resourceGroup: "g2" })] },
      { name: { value: "outer" } },
    );
    expect(puts.map(([put]) => put)).toEqual([id("outer").replace("/g1/", "/g2/")]);
  });

  it("must contain their template", async () => {
    await expect(deploy({ resources: [nested({ templateLink: { uri: "http://x" } })] })).rejects.toThrow(
      "links to its template, which is not supported",
    );
  });
});
