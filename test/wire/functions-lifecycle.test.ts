import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { functionApp, runFunctionsHost, type RunningFunctionsHost } from "../support/servers/run-functions-host.ts";

const hosts: RunningFunctionsHost[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function start(...args: Parameters<typeof runFunctionsHost>): Promise<RunningFunctionsHost> {
  const host = await runFunctionsHost(...args);
  hosts.push(host);
  return host;
}

async function appOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-functions-"));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    // oxlint-disable-next-line no-await-in-loop -- a handful of files
    await mkdir(dirname(file), { recursive: true });
    // oxlint-disable-next-line no-await-in-loop -- a handful of files
    await writeFile(file, content);
  }
  return folder;
}

function notify(host: RunningFunctionsHost, name: string, query = "", headers = {}): Promise<Response> {
  return fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=${name}${query}`, {
    method: "POST",
    headers: { "aeg-event-type": "Notification", ...headers },
    body: JSON.stringify([{ id: "1", data: {} }]),
  });
}

describe("a CommonJS app", () => {
  it("is hosted like an app of ES modules [EG-FUNC-NOTIFICATION]", async () => {
    const host = await start({ appFolder: functionApp("cjs") });
    expect((await notify(host, "record")).status).toBe(202);
    await host.until(({ message }) => message === "got 1");
  });

  it("may have an empty route prefix [EG-FUNC-HTTP-ROUTE]", async () => {
    const host = await start({ appFolder: functionApp("cjs") });
    expect(await (await fetch(`${host.url}/hello`)).text()).toBe("hello");
    expect((await fetch(`${host.url}/api/hello`)).status).toBe(404);
  });
});

describe("keys", () => {
  const systemKeys = { master: "m-key", eventGrid: "e-key", blobs: "b-key", functions: "f-key" };

  it("are required at the webhooks if any are set [EG-FUNC-KEY]", async () => {
    const host = await start({ appFolder: functionApp("esm"), systemKeys });
    const statusOf = async (query: string, headers = {}): Promise<number> =>
      (await notify(host, "record", query, headers)).status;
    expect(await statusOf("")).toBe(401);
    expect(await statusOf("&code=b-key")).toBe(401);
    expect(await statusOf("&code=f-key")).toBe(401);
    expect(await statusOf("&code=e-key")).toBe(202);
    expect(await statusOf("&code=m-key")).toBe(202);
    expect(await statusOf("", { "x-functions-key": "e-key" })).toBe(202);
    // The header is checked first, even if the query has a valid key.
    expect(await statusOf("&code=e-key", { "x-functions-key": "wrong" })).toBe(401);
    // Checked before the function is looked up.
    expect((await notify(host, "nobody")).status).toBe(401);
    expect((await fetch(`${host.url}/runtime/webhooks/blobs?code=e-key`, { method: "OPTIONS" })).status).toBe(401);
    expect((await fetch(`${host.url}/runtime/webhooks/blobs?code=b-key`, { method: "OPTIONS" })).status).toBe(200);
  });

  it("protect HTTP functions according to their authLevel [EG-FUNC-HTTP-KEY]", async () => {
    const host = await start({ appFolder: functionApp("esm"), systemKeys });
    const statusOf = async (path: string): Promise<number> => (await fetch(`${host.url}/api/${path}`)).status;
    expect(await statusOf("silent")).toBe(204);
    expect(await statusOf("guarded")).toBe(401);
    expect(await statusOf("guarded?code=f-key")).toBe(200);
    expect(await statusOf("guarded?code=m-key")).toBe(200);
    expect(await statusOf("guarded?code=e-key")).toBe(401);
    expect(await statusOf("ruled?code=f-key")).toBe(401);
    expect(await statusOf("ruled?code=m-key")).toBe(200);
  });

  it("are not required if none are set, as with func start [EG-FUNC-HTTP-KEY] [EG-FUNC-KEY]", async () => {
    const host = await start({ appFolder: functionApp("esm") });
    expect((await fetch(`${host.url}/api/guarded`)).status).toBe(200);
    expect((await notify(host, "record", "&code=anything")).status).toBe(202);
  });
});

describe("stop", () => {
  it("waits for running functions, then runs appTerminate", async () => {
    const host = await start({ appFolder: functionApp("esm") });
    const held = notify(host, "hold");
    await host.until(({ message }) => message === "holding");
    host.askToStop();
    expect((await held).status).toBe(202);
    expect(await host.stop()).toBe(0);
    const said = host.lines.map(({ message }) => message);
    expect(said.indexOf("hook appTerminate")).toBeGreaterThan(said.indexOf("held to the end"));
    expect(said).toContain("held to the end");
  });

  it("does not wait longer than allowed for functions", async () => {
    const host = await start({ appFolder: functionApp("esm"), stopTimeoutMs: 1 });
    const held = notify(host, "hang").catch(() => undefined);
    await host.until(({ message }) => message === "hanging");
    expect(await host.stop()).toBe(0);
    await held;
    expect(host.lines.find(({ event }) => event === "functions_abandoned")?.["running"]).toBe(1);
  });
});

describe("an app that cannot be loaded", () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ["without package.json", { "a.js": "" }, /Cannot read .*package\.json/],
    ["without main", { "package.json": "{}" }, /package\.json has no "main"/],
    ["that is not built", { "package.json": '{"main":"dist/*.js"}' }, /"dist\/\*\.js", but no such file exists/],
    ["whose main is not there", { "package.json": '{"main":"a.js"}' }, /"a\.js", but no such file exists/],
    [
      "that throws",
      { "package.json": '{"main":"a.js"}', "a.js": 'throw new Error("no database")' },
      /a\.js failed to load: no database/,
    ],
    ["with a syntax error", { "package.json": '{"main":"a.js"}', "a.js": "let = ;" }, /a\.js failed to load: /],
    ["without functions", { "package.json": '{"main":"a.js"}', "a.js": "" }, /a\.js registered no function/],
    ["with a broken host.json", { "package.json": '{"main":"a.js"}', "host.json": "{" }, /Cannot use .*host\.json: /],
    [
      "with encrypted settings",
      { "package.json": '{"main":"a.js"}', "local.settings.json": '{"IsEncrypted":true}' },
      /local\.settings\.json is encrypted/,
    ],
  ])("%s: the error names file and reason", async (_, files, message) => {
    const host = await start({ appFolder: await appOf(files) });
    expect(host.lines.at(-1)).toMatchObject({
      event: "failed",
      code: "invalid_request",
      message: expect.stringMatching(message),
    });
    expect(await host.stop()).toBe(1);
  });
});
