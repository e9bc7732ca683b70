import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { functionApp } from "../support/servers/run-functions-host.ts";
import { removeFolders, runRingmain, type RunningRingmain, type RunOptions } from "../support/servers/run-ringmain.ts";

const SITE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app";
const ADMIN_KEY = "the-key-of-an-operator";
/** Secrets that an operator's shell may hold next to what programs need. */
const SECRETS = {
  RINGMAIN_ADMIN_KEY: ADMIN_KEY,
  RINGMAIN_METRICS_KEY: "the-key-of-a-scraper",
  DATABASE_PASSWORD: "hush",
  APP_DATABASE: "hush",
};

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
afterAll(removeFolders);

interface Hosted {
  readonly ringmain: RunningRingmain;
  /** URL of the application. */
  readonly url: string;
  status(path: string, init?: RequestInit): Promise<number>;
  environment(): Promise<{ readonly names: readonly string[]; readonly arguments: readonly string[] }>;
}

/** Starts a Ringmain that hosts an application and has a subscription that delivers to it. */
async function host(mode: "dev" | "production", app: object = {}, more: RunOptions = {}): Promise<Hosted> {
  const destination = { endpointType: "AzureFunction", properties: { resourceId: `${SITE}/functions/record` } };
  const ringmain = await runRingmain({
    config: {
      topics: [{ name: "orders", key1: "a".repeat(43) + "=", subscriptions: [{ name: "to-function", destination }] }],
      functionApps: [{ name: "app", path: functionApp("esm"), ...app }],
    },
    args: ["--memory", "--mode", mode],
    env: SECRETS,
    ...more,
  });
  stops.push(() => ringmain.stop());
  const url = ringmain.ready.functionApps[0]?.url ?? "";
  return {
    ringmain,
    url,
    status: async (path, init) => (await fetch(`${url}${path}`, init)).status,
    environment: async () =>
      (await (await fetch(`${url}/api/environment`)).json()) as Awaited<ReturnType<Hosted["environment"]>>,
  };
}

const notification = { method: "POST", headers: { "aeg-event-type": "Notification" }, body: "[{}]" };
const webhook = (extension: string): string => `/runtime/webhooks/${extension}?functionName=record`;

async function publish({ ringmain }: Hosted): Promise<void> {
  const event = {
    id: "1",
    eventType: "T",
    subject: "s",
    eventTime: "2026-01-01T00:00:00Z",
    data: {},
    dataVersion: "1",
  };
  const answer = await fetch(`${ringmain.ready.http}/topics/orders/api/events`, {
    method: "POST",
    headers: { "aeg-sas-key": "a".repeat(43) + "=", "content-type": "application/json" },
    body: JSON.stringify([event]),
  });
  expect(answer.status).toBe(200);
  await ringmain.line(({ event: name, message }) => name === "function_log" && String(message).includes('"got"'));
}

describe("a function app that is hosted in production", () => {
  it("[EG-FUNC-HOSTED-KEYS] requires keys that only Ringmain knows and sends", async () => {
    const app = await host("production");
    await publish(app);
    expect(await app.status("/api/silent")).toBe(204);
    expect(await app.status("/api/guarded")).toBe(401);
    expect(await app.status("/api/ruled")).toBe(401);
    for (const extension of ["EventGrid", "blobs", "other"]) {
      expect(await app.status(webhook(extension), notification)).toBe(401);
      expect(await app.status(webhook(extension), { method: "OPTIONS" })).toBe(401);
      expect(await app.status(`${webhook(extension)}&code=${ADMIN_KEY}`, notification)).toBe(401);
    }
  });

  it("[EG-FUNC-HOSTED-KEYS] accepts its code, except for admin functions", async () => {
    const app = await host("production", { code: "${APP_CODE}" }, { env: { ...SECRETS, APP_CODE: "the-code" } });
    await publish(app);
    expect(await app.status("/api/guarded?code=the-code")).toBe(200);
    expect(await app.status("/api/guarded?code=another")).toBe(401);
    expect(await app.status("/api/ruled?code=the-code")).toBe(401);
    expect(await app.status(`${webhook("EventGrid")}&code=the-code`, notification)).toBe(202);
    expect(await app.status(`${webhook("EventGrid")}&code=the-codes`, notification)).toBe(401);
  });

  it("[EG-FUNC-HOSTED-ENVIRONMENT] has basic variables and its settings in its environment, but no secrets", async () => {
    const app = await host("production", { settings: { DATABASE: "${APP_DATABASE}", PLAIN: "text" } });
    const { names, arguments: processArguments } = await app.environment();
    expect(names).toEqual(expect.arrayContaining(["PATH", "DATABASE", "PLAIN", "FROM_FILE"]));
    for (const name of Object.keys(SECRETS)) expect(names).not.toContain(name);
    expect(names.filter((name) => /^(?:RINGMAIN|npm|VITEST)_/i.test(name))).toEqual([]);
    expect(processArguments.join(" ")).not.toMatch(/key=|code=/i);
  });

  it("[EG-FUNC-HOSTED-ENVIRONMENT] is not started if the variable of a setting is missing", async () => {
    const failed = host("production", { settings: { DATABASE: "${NOT_THERE}" } });
    await expect(failed).rejects.toThrow("functionApps[0].settings.DATABASE: the environment variable NOT_THERE");
  });
});

describe("a function app that is hosted in development", () => {
  it("[EG-FUNC-HOSTED-KEYS] requires no keys, unless the configuration has a code", async () => {
    const open = await host("dev");
    expect(await open.status("/api/ruled")).toBe(200);
    expect(await open.status(webhook("EventGrid"), notification)).toBe(202);
    const keyed = await host("dev", { code: "the-code" });
    await publish(keyed);
    expect(await keyed.status("/api/guarded")).toBe(401);
    expect(await keyed.status("/api/guarded?code=the-code")).toBe(200);
  });

  it("[EG-FUNC-HOSTED-ENVIRONMENT] has the user's environment without Ringmain's own variables", async () => {
    const app = await host("dev");
    const { names } = await app.environment();
    expect(names).toEqual(expect.arrayContaining(["PATH", "DATABASE_PASSWORD", "APP_DATABASE"]));
    expect(names.filter((name) => name.startsWith("RINGMAIN_"))).toEqual([]);
  });
});

describe.runIf(process.platform === "linux")("Azurite", () => {
  it.each([
    ["production", ["DATABASE_PASSWORD", "RINGMAIN_ADMIN_KEY"], ["PATH"]],
    ["dev", ["RINGMAIN_ADMIN_KEY"], ["PATH", "DATABASE_PASSWORD"]],
  ] as const)("[EG-FUNC-HOSTED-ENVIRONMENT] is started without secrets in %s", async (mode, absent, present) => {
    const ringmain = await runRingmain({
      config: { storageAccounts: [{ name: "photos", key: Buffer.alloc(64).toString("base64"), blobPort: 0 }] },
      args: ["--memory", "--mode", mode, "--azurite"],
      env: SECRETS,
    });
    stops.push(() => ringmain.stop());
    const { stdout } = await promisify(execFile)("pgrep", ["-P", String(ringmain.pid)]);
    const environment = await readFile(`/proc/${stdout.trim().split("\n")[0]}/environ`, "utf8");
    const names = environment.split("\0").map((line) => line.replace(/=.*$/s, ""));
    expect(names).toContain("AZURITE_ACCOUNTS");
    expect(names).toEqual(expect.arrayContaining([...present]));
    for (const name of absent) expect(names).not.toContain(name);
  });
});
