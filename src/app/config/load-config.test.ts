import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { deliverySchedule, type DeliverySchedule } from "./delivery-schedule.ts";
import { loadConfig, type LoadedConfig, type LoadOptions } from "./load-config.ts";
import { PATH_SETTINGS } from "./settings-schema.ts";
import { SETTING_PATHS } from "./setting-paths.ts";
import { showConfig } from "./show-config.ts";

const folder = mkdtempSync(join(tmpdir(), "ringmain-config-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function write(content: unknown): string {
  const name = `config-${(files += 1)}.json`;
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
}

function load(content: unknown, options: Partial<LoadOptions> = {}): LoadedConfig {
  const result = loadConfig({ file: write(content), environment: {}, flags: {}, folder, ...options });
  if (result.kind === "problems") throw new Error(result.problems.join("\n"));
  return result.loaded;
}

function problems(content: unknown, options: Partial<LoadOptions> = {}): readonly string[] {
  const result = loadConfig({ file: write(content), environment: {}, flags: {}, folder, ...options });
  if (result.kind === "loaded") throw new Error("loaded");
  return result.problems.map((line) => line.replace(/^config-\d+\.json(: )?/, ""));
}

/** Returns whether a setting's description says that the setting is a file or a folder. */
function isPath(description: string): boolean {
  return /^(?:Folder|File)\b/.test(description);
}

const webhook = { endpointType: "WebHook", properties: { endpointUrl: "http://localhost:1/" } };

it("[EG-DELIVERY-TIMEOUT] the default delivery timeout is Azure's", () => {
  expect(load({}).config.delivery.timeoutSeconds).toBe(30);
});

describe("the delivery schedule", () => {
  const scheduleOf = (content: unknown): DeliverySchedule => deliverySchedule(load(content).config);
  const azure = { maxRetryGapMs: Number.POSITIVE_INFINITY, deadLetterDelayMs: 300_000, maxProbationMs: 600_000 };
  const short = { maxRetryGapMs: 10_000, deadLetterDelayMs: 1_000, maxProbationMs: 10_000 };

  it("[EG-DEADLETTER-DELAY] [EG-RETRY-SHORT] is Azure's in production and a short one in development", () => {
    expect(scheduleOf({ mode: "production" })).toEqual(azure);
    expect(scheduleOf({})).toEqual(short);
  });

  it("[EG-RETRY-SHORT] can be set in either mode, with individual times", () => {
    expect(scheduleOf({ delivery: { schedule: "azure" } })).toEqual(azure);
    expect(scheduleOf({ mode: "production", delivery: { schedule: "short" } })).toEqual(short);
    const delivery = { deadLetterDelaySeconds: 7, maxProbationSeconds: 0 };
    expect(scheduleOf({ delivery })).toEqual({ ...short, deadLetterDelayMs: 7_000, maxProbationMs: 0 });
  });
});

describe("settings", () => {
  const environment = { RINGMAIN_PORT: "2", RINGMAIN_DELIVERY_TIMEOUT_SECONDS: "7", RINGMAIN_MEMORY: "true" };

  it("come from a flag before the environment, the file and the default", () => {
    const { config, origins } = load({ port: 1, host: "::1" }, { environment, flags: { port: 3 } });
    expect(config).toMatchObject({ port: 3, host: "::1", memory: true, mode: "dev", delivery: { timeoutSeconds: 7 } });
    expect(Object.fromEntries(origins)).toMatchObject({
      port: "flag",
      host: "file",
      memory: "environment",
      mode: "default",
      "delivery.timeoutSeconds": "environment",
      "delivery.attempts": "default",
    });
  });

  it("must have values of the right type in environment variables", () => {
    expect(problems({}, { environment: { RINGMAIN_PORT: "many" } })).toEqual([
      "RINGMAIN_PORT: 'many' is not a valid number",
    ]);
  });

  it("can be lists, separated by commas in environment variables", () => {
    const { config } = load({}, { environment: { RINGMAIN_DELIVERY_ALLOWED_HOSTS: "a.local, b.local" } });
    expect(config.delivery.allowedHosts).toEqual(["a.local", "b.local"]);
  });

  it("cause a warning for an unknown variable only if it looks misspelled", () => {
    const { warnings } = load({}, { environment: { RINGMAIN_PROT: "1", RINGMAIN_SOMETHING_OF_MY_OWN: "1" } });
    expect(warnings).toEqual(["RINGMAIN_PROT is not a known variable; did you mean RINGMAIN_PORT?"]);
  });
});

describe("the data folder", () => {
  it("is relative to the file that sets it, otherwise to the working folder", () => {
    const inner = mkdtempSync(join(folder, "inner-"));
    writeFileSync(join(inner, "with.json"), '{"data": "here"}');
    writeFileSync(join(inner, "without.json"), "{}");
    const dataOf = (file: string, flags: Record<string, unknown> = {}): string => {
      const result = loadConfig({ file: join(inner, file), environment: {}, flags, folder });
      return result.kind === "loaded" ? result.loaded.config.data : "";
    };
    expect(dataOf("with.json")).toBe(join(inner, "here"));
    expect(dataOf("without.json")).toBe(join(folder, ".ringmain"));
    expect(dataOf("with.json", { data: "there" })).toBe(join(folder, "there"));
  });
});

describe("path settings", () => {
  const SETTINGS = [
    ["data", "RINGMAIN_DATA"],
    ["tls.certificate", "RINGMAIN_TLS_CERTIFICATE"],
    ["tls.key", "RINGMAIN_TLS_KEY"],
    ["tls.folder", "RINGMAIN_TLS_FOLDER"],
    ["diagnostics.file", "RINGMAIN_DIAGNOSTICS_FILE"],
  ] as const;

  it("have descriptions that begin with File or Folder", () => {
    const described = SETTING_PATHS.filter(({ kind, description }) => kind === "string" && isPath(description));
    expect(described.map(({ path }) => path.join("."))).toEqual(SETTINGS.map(([name]) => name));
    expect(PATH_SETTINGS).toEqual(SETTINGS.map(([name]) => name));
  });

  it.each(SETTINGS)(
    "resolve %s relative to the file that sets it, otherwise to the working folder",
    (name, variable) => {
      const inner = mkdtempSync(join(folder, "paths-"));
      const [outer = "", member] = name.split(".");
      const content = member === undefined ? { [outer]: "here" } : { [outer]: { [member]: "here" } };
      writeFileSync(join(inner, "a.json"), JSON.stringify(content));
      const shown = (environment: Record<string, string>, flags: Record<string, unknown> = {}): unknown => {
        const result = loadConfig({ file: join(inner, "a.json"), environment, flags, folder });
        if (result.kind === "problems") throw new Error(result.problems.join());
        return showConfig(result.loaded).find((setting) => setting.name === name)?.value;
      };
      expect(shown({})).toBe(join(inner, "here"));
      expect(shown({ [variable]: "there" })).toBe(join(folder, "there"));
      expect(shown({ [variable]: "there" }, { [name]: "../typed" })).toBe(resolve(folder, "../typed"));
      expect(shown({ [variable]: "/elsewhere" })).toBe("/elsewhere");
    },
  );

  it("keep a hyphen, which is standard output", () => {
    expect(load({ diagnostics: { file: "-" } }).config.diagnostics.file).toBe("-");
  });
});

describe("the file", () => {
  it("may be missing unless a flag or variable names it", () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    const options = { environment: {}, flags: {}, folder: empty };
    expect(loadConfig(options)).toMatchObject({ kind: "loaded", loaded: { file: undefined, folder: empty } });
    expect(loadConfig({ ...options, file: "missing.json" })).toMatchObject({ kind: "problems" });
    expect(loadConfig({ ...options, environment: { RINGMAIN_CONFIG: "missing.json" } })).toMatchObject({
      kind: "problems",
      problems: [expect.stringContaining("missing.json: cannot read the file")],
    });
  });

  it("reports the line and column of invalid JSON", () => {
    expect(problems('{\n  "port": 1,\n}')).toEqual([":3:1: is not valid JSON"]);
    expect(problems("[]")).toEqual(["must contain one JSON object"]);
  });

  it("may begin with a byte order mark", () => {
    expect(load('\uFEFF{"port": 1}').config.port).toBe(1);
  });

  it.each([
    ["at the top", { tpoics: [] }, "unknown property 'tpoics'; did you mean 'topics'?"],
    ["in a setting", { delivery: { atempts: 1 } }, "delivery: unknown property 'atempts'; did you mean 'attempts'?"],
    [
      "in a filter",
      {
        topics: [{ name: "a", subscriptions: [{ name: "b", destination: webhook, filter: { subjectBeginWith: "" } }] }],
      },
      "topics[0].subscriptions[0].filter: unknown property 'subjectBeginWith'; did you mean 'subjectBeginsWith'?",
    ],
    [
      "inside a union",
      {
        topics: [
          {
            name: "a",
            subscriptions: [{ name: "b", destination: { endpointType: "WebHook", properties: { endpointURL: "" } } }],
          },
        ],
      },
      "topics[0].subscriptions[0].destination.properties: unknown property 'endpointURL'; did you mean 'endpointUrl'?",
    ],
    [
      "in a union's discriminator",
      {
        topics: [
          { name: "a", subscriptions: [{ name: "b", destination: { endpointType: "Webhok", properties: {} } }] },
        ],
      },
      "topics[0].subscriptions[0].destination.endpointType: \"Webhok\" is not a valid value; did you mean 'WebHook'?",
    ],
    [
      "in an operator",
      {
        topics: [
          {
            name: "a",
            subscriptions: [
              {
                name: "b",
                destination: webhook,
                filter: { advancedFilters: [{ operatorType: "StringBeginWith", key: "k", values: [] }] },
              },
            ],
          },
        ],
      },
      "topics[0].subscriptions[0].filter.advancedFilters[0].operatorType: \"StringBeginWith\" is not a valid value; did you mean 'StringBeginsWith'?",
    ],
    [
      "far from any name",
      { zzzzzzzz: 1 },
      expect.stringMatching(/^unknown property 'zzzzzzzz'; valid names: \$schema, host,/),
    ],
  ])("refuses an unknown name %s, with the nearest valid one", (_where, content, expected) => {
    expect(problems(content)).toContainEqual(expected);
  });

  it("reports every problem on its own line", () => {
    const found = problems({ port: "x", mode: "test", topics: [{ nmae: "a" }] });
    expect(found).toHaveLength(4);
    expect(found.every((line) => !line.includes("\n"))).toBe(true);
  });

  it("requires either a path or a URL for a function app", () => {
    expect(problems({ functionApps: [{ name: "a" }] })).toEqual(["functionApps[0]: needs either 'path' or 'url'"]);
  });
});

describe("keys that are sent as bearer tokens", () => {
  it.each(["a key with spaces in it", "trailing-space-key ", "schlüssel-für-die-verwaltung", "tab\tin-the-admin-key"])(
    "[EG-ACCESS-KEY] must not be %j, because some clients cannot send it",
    (key) => {
      const problem = "must be visible ASCII characters without spaces: it is sent as 'Authorization: Bearer <key>'";
      expect(problems({ adminKey: key, metrics: { key } })).toEqual([
        `adminKey: ${problem}`,
        `metrics.key: ${problem}`,
      ]);
    },
  );

  it("[EG-ACCESS-KEY] may contain every visible ASCII character", () => {
    const adminKey = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    expect(load({ adminKey }).config.adminKey).toBe(adminKey);
  });
});

describe("showConfig", () => {
  it("returns every setting with its origin and variable, and hides secrets", () => {
    const shown = showConfig(load({ adminKey: "a-very-secret-key", metrics: { key: "a-very-secret-key-too" } }));
    expect(shown.find(({ name }) => name === "adminKey")).toMatchObject({ value: "(hidden)", origin: "file" });
    expect(shown.find(({ name }) => name === "server.stopSeconds")).toEqual({
      name: "server.stopSeconds",
      value: 10,
      origin: "default",
      variable: "RINGMAIN_SERVER_STOP_SECONDS",
    });
    expect(JSON.stringify(shown)).not.toContain("a-very-secret-key");
  });
});

describe("connections", () => {
  const connections = [
    { name: "shop", connectionString: "${SHOP_CONNECTION}" },
    { name: "plant", connectionString: "Endpoint=sb://plant/;SharedAccessKey=${x}" },
  ];

  it("take a referenced environment variable as it is", () => {
    const environment = { SHOP_CONNECTION: "Endpoint=sb://shop/;SharedAccessKey=s3cret" };
    const loaded = load({ connections }, { environment });
    expect(loaded.config.connections.map(({ connectionString }) => connectionString)).toEqual([
      "Endpoint=sb://shop/;SharedAccessKey=s3cret",
      "Endpoint=sb://plant/;SharedAccessKey=${x}",
    ]);
    expect(JSON.stringify(showConfig(loaded))).not.toContain("s3cret");
  });

  it("report a referenced variable that is not set", () => {
    expect(problems({ connections })).toEqual([
      "connections[0].connectionString: the environment variable SHOP_CONNECTION is not set",
    ]);
  });
});

describe("secrets of clients", () => {
  const clients = [{ clientId: "operator", clientSecret: "${OPERATOR_SECRET}" }];

  it("take a referenced environment variable, and report one that is not set", () => {
    const loaded = load({ clients }, { environment: { OPERATOR_SECRET: "s3cret" } });
    expect(loaded.config.clients).toEqual([{ clientId: "operator", clientSecret: "s3cret" }]);
    expect(JSON.stringify(showConfig(loaded))).not.toContain("s3cret");
    expect(problems({ clients })).toEqual([
      "clients[0].clientSecret: the environment variable OPERATOR_SECRET is not set",
    ]);
  });
});
