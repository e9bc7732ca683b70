import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionApp, runFunctionsHost, type RunningFunctionsHost } from "../support/servers/run-functions-host.ts";

const anEvent = (id: string, data: unknown = {}): Record<string, unknown> => ({
  id,
  topic: "/topics/t",
  subject: "s",
  eventType: "Test",
  eventTime: "2026-01-01T00:00:00Z",
  dataVersion: "",
  metadataVersion: "1",
  data,
});

let host: RunningFunctionsHost;

beforeAll(async () => {
  host = await runFunctionsHost({ appFolder: functionApp("esm") }, { FROM_BOTH: "environment" });
});

afterAll(async () => {
  await host.stop();
});

async function post(
  functionName: string,
  content: unknown,
  headers: Record<string, string> = { "aeg-event-type": "Notification" },
): Promise<Response> {
  return fetch(`${host.url}/runtime/webhooks/EventGrid?functionName=${functionName}`, {
    method: "POST",
    headers,
    body: typeof content === "string" ? content : JSON.stringify(content),
  });
}

function messagesOf(name: string): string[] {
  return host.lines.flatMap((line) =>
    line.event === "function_log" && line.function === name ? [line.message ?? ""] : [],
  );
}

describe("the Event Grid webhook", () => {
  it("is reported with the URL of each function", () => {
    expect(host.functions).toContainEqual({
      name: "record",
      trigger: "eventGrid",
      eventGridUrl: `${host.url}/runtime/webhooks/EventGrid?functionName=record`,
    });
    expect(host.functions).toContainEqual({
      name: "products",
      trigger: "http",
      route: "api/products/{category:alpha}/{id:int?}",
    });
  });

  it("returns 404 for an unknown function, whatever else is wrong with the request [EG-FUNC-UNKNOWN]", async () => {
    const answers = await Promise.all([
      post("nobody", "garbage", {}),
      post("Record", [anEvent("1")]),
      fetch(`${host.url}/runtime/webhooks/eventgrid`, { method: "OPTIONS" }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(await answers[0]?.text()).toBe("cannot find function: 'nobody'");
  });

  it("returns 404 for an unknown extension [EG-FUNC-EXTENSION]", async () => {
    const answer = await fetch(`${host.url}/runtime/webhooks/durabletask?functionName=record`, { method: "POST" });
    expect(answer.status).toBe(404);
  });

  it.each(["runtime/webhooks/eventgrid", "RUNTIME/WebHooks/EVENTGRID"])(
    "is found at %s, in any case [EG-FUNC-EXTENSION]",
    async (path) => {
      const answer = await fetch(`${host.url}/${path}?functionName=record`, { method: "OPTIONS" });
      expect(answer.status).toBe(200);
    },
  );

  it("refuses other methods", async () => {
    const answer = await fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=record`, { method: "PUT" });
    expect(answer.status).toBe(405);
  });

  it.each([
    ["eventgrid.azure.net", "eventgrid.azure.net"],
    ["eventgrid.azure.us", "eventgrid.azure.us"],
    ["ringmain.localhost", "eventgrid.azure.net"],
    [undefined, "eventgrid.azure.net"],
  ])("allows %s in a handshake by OPTIONS as %s [EG-FUNC-OPTIONS]", async (origin, allowed) => {
    const answer = await fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=record`, {
      method: "OPTIONS",
      headers: origin === undefined ? {} : { "WebHook-Request-Origin": origin },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("webhook-allowed-origin")).toBe(allowed);
  });

  it("refuses events that nest deeper than any that is published [EG-FUNC-DEPTH]", async () => {
    const text = `[{"id":"1","data":${"[".repeat(200_000)}${"]".repeat(200_000)}}]`;
    const answer = await fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=record`, {
      method: "POST",
      headers: { "content-type": "application/json", "aeg-event-type": "Notification" },
      body: text,
    });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("must be an event")]);
  });

  it.each([
    ["an array", [anEvent("1", { validationCode: "C0DE" })]],
    ["a CloudEvent with data in a string", { specversion: "1.0", data: JSON.stringify({ validationCode: "C0DE" }) }],
  ])("responds to the handshake with %s, as text [EG-FUNC-VALIDATION]", async (_, content) => {
    const answer = await post("record", content, { "aeg-event-type": "subscriptionvalidation" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await answer.text()).toBe('{"validationResponse":"C0DE"}');
  });

  it("invokes the function once for each event and returns 202 without a body [EG-FUNC-NOTIFICATION]", async () => {
    const answer = await post("record", [anEvent("n1", { some: "data" }), anEvent("n2")]);
    expect(answer.status).toBe(202);
    expect(await answer.text()).toBe("");
    const got = messagesOf("record")
      .filter((message) => message.startsWith("{"))
      .map((message) => JSON.parse(message) as { got: { id: string }; metadata: unknown });
    expect(
      got
        .map(({ got: { id } }) => id)
        .filter((id) => id.startsWith("n"))
        .toSorted(),
    ).toEqual(["n1", "n2"]);
    expect(got.find(({ got: { id } }) => id === "n1")).toMatchObject({
      got: anEvent("n1", { some: "data" }),
      metadata: { data: { some: "data" } },
    });
  });

  it("accepts a single event as an object, and the header's value in any case [EG-FUNC-NOTIFICATION]", async () => {
    const event = { specversion: "1.0", id: "cloud", source: "/s", type: "t", data: { a: 1 } };
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const answer = await post("record", event, { "aeg-event-type": "NOTIFICATION", traceparent });
    expect(answer.status).toBe(202);
    const line = await host.until(({ message }) => message?.includes('"id":"cloud"') === true);
    expect(JSON.parse(line.message ?? "")).toMatchObject({ got: event, trace: { traceParent: traceparent } });
  });

  it("processes the events of a batch in parallel [EG-FUNC-NOTIFICATION]", async () => {
    const events = Array.from({ length: 50 }, (_, at) => anEvent(`p${at}`, { count: 50 }));
    expect((await post("meet", events)).status).toBe(202);
  });

  it("returns 500 with the error's message if one event fails, after all have run [EG-FUNC-FAILED]", async () => {
    const answer = await post("record", [anEvent("f1"), anEvent("f2", { fail: "no such order" }), anEvent("f3")]);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe("no such order");
    await host.until(({ message }) => message?.includes('"id":"f1"') === true);
    await host.until(({ message }) => message?.includes('"id":"f3"') === true);
    await host.until(({ event, error }) => event === "function_failed" && error === "no such order");
  });

  it("returns 202 to an unsubscription [EG-FUNC-UNSUBSCRIBE]", async () => {
    expect((await post("record", [anEvent("u")], { "aeg-event-type": "Unsubscribe" })).status).toBe(202);
  });

  it.each([[{}], [{ "aeg-event-type": "Other" }]])(
    "returns 400 to the headers %j, which lack a valid event type [EG-FUNC-EVENT-TYPE]",
    async (headers) => {
      expect((await post("record", [anEvent("x")], headers)).status).toBe(400);
    },
  );

  it.each([
    ["text", "garbage"],
    ["nothing", ""],
    ["a number", "1"],
    ["an array of numbers", "[1]"],
    ["deep nesting", "[".repeat(100_000)],
    ["too many events", JSON.stringify(Array.from({ length: 5001 }, () => ({})))],
  ])("returns 400 to a notification of %s [EG-FUNC-GARBAGE]", async (_, content) => {
    expect((await post("record", content)).status).toBe(400);
  });

  it("returns 400 to a validation without a code [EG-FUNC-GARBAGE]", async () => {
    const answers = await Promise.all(
      ["[]", "{}", "[{}]", '{"data":"garbage"}', '[{"data":{"validationCode":7}}]'].map((content) =>
        post("record", content, { "aeg-event-type": "SubscriptionValidation" }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
  });

  it("returns 413 to a body beyond the limit, and keeps running [EG-FUNC-GARBAGE]", async () => {
    const answer = await post("record", "x".repeat(8_388_609)).catch(() => undefined);
    // The connection may be closed before the client has read the response.
    expect(answer?.status ?? 413).toBe(413);
    expect((await post("record", [anEvent("after")])).status).toBe(202);
  });

  it("runs the app's hooks around invocations and for log lines", async () => {
    await post("record", [anEvent("h", { secret: "swordfish" })]);
    await host.until(({ message }) => message === "hook postInvocation fine");
    const hidden = await host.until(({ message }) => message === "(hidden by the log hook)");
    expect(hidden.function).toBe("record");
    expect(host.lines.some(({ event, message }) => event === "console" && message === "hook appStart")).toBe(true);
  });
});

describe("an unsupported function", () => {
  it("is logged when the app is loaded [EG-FUNC-UNSUPPORTED]", () => {
    const said = host.lines.filter(({ event }) => event.startsWith("function_") && event.endsWith("_supported"));
    expect(said.map((line) => [line.event, line.function, line["reason"]])).toEqual([
      ["function_partly_supported", "polled", expect.stringContaining("not polled")],
      ["function_partly_supported", "copy", expect.stringContaining('queue "')],
      ["function_not_supported", "nightly", expect.stringContaining("timerTrigger is not supported")],
    ]);
    expect(host.functions.map(({ name }) => name)).not.toContain("nightly");
  });

  it("returns the reason when it is called [EG-FUNC-UNSUPPORTED]", async () => {
    const answer = await post("nightly", [anEvent("1")]);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("timerTrigger is not supported");
  });

  it("fails only invocations that set an output that cannot be written [EG-FUNC-UNSUPPORTED]", async () => {
    expect((await post("copy", [anEvent("1", { copy: false })])).status).toBe(202);
    const answer = await post("copy", [anEvent("2", { copy: true })]);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain(
      "output bindings other than http are not supported: this invocation set queue",
    );
  });
});

describe("HTTP functions", () => {
  it("are found by their route in any case, with its parameters [EG-FUNC-HTTP-ROUTE]", async () => {
    const answer = await fetch(`${host.url}/API/Products/tools/7?q=1&q=2`, {
      method: "POST",
      headers: { "x-agent": "test" },
      body: "a body",
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      method: "POST",
      url: `${host.url}/API/Products/tools/7?q=1&q=2`,
      params: { category: "tools", id: "7" },
      agent: "test",
      body: "a body",
    });
  });

  it.each([
    ["api/products/tools", 200],
    ["api/products/tools/", 200],
    ["api/products/tools/x", 404],
    ["api/products/t00ls", 404],
    ["products/tools", 404],
    ["api/silent", 204],
    ["", 404],
  ])("return for /%s the status %i [EG-FUNC-HTTP-ROUTE]", async (path, status) => {
    expect((await fetch(`${host.url}/${path}`)).status).toBe(status);
  });

  it("accept the rest of a path, decoded, with preference for the more specific route [EG-FUNC-HTTP-ROUTE]", async () => {
    const files = await fetch(`${host.url}/api/files/a/b%20c.txt`);
    expect(await files.json()).toMatchObject({ params: { path: "a/b c.txt" } });
    expect(await (await fetch(`${host.url}/api/products/special`)).text()).toBe("special");
  });

  it("are not found by other methods [EG-FUNC-HTTP-METHOD]", async () => {
    const statuses = await Promise.all(
      ["DELETE", "PUT"].map(async (method) => (await fetch(`${host.url}/api/products/tools`, { method })).status),
    );
    expect(statuses).toEqual([200, 404]);
  });

  it("return 204 if they return nothing [EG-FUNC-HTTP-EMPTY]", async () => {
    const answer = await fetch(`${host.url}/api/silent`);
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
  });

  it("return 500 without a body if they throw, and the error is logged [EG-FUNC-HTTP-FAILED]", async () => {
    const answer = await fetch(`${host.url}/api/broken`);
    expect([answer.status, await answer.text()]).toEqual([500, ""]);
    await host.until(({ event, error }) => event === "function_failed" && error === "broken on purpose");
  });

  it("return status, headers, cookies and bytes", async () => {
    const answer = await fetch(`${host.url}/api/rich`);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-kind")).toBe("rich");
    expect(answer.headers.getSetCookie()).toEqual([
      "id=a%20b; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict",
      "two=2; Expires=Fri, 02 Jan 1970 00:00:00 GMT",
    ]);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array([0, 255, 10]));
  });

  it("have the values of local.settings.json in their environment, except for variables that are set already", async () => {
    const answer = await fetch(`${host.url}/api/settings`);
    expect(await answer.json()).toEqual({ FROM_FILE: "file", FROM_BOTH: "environment" });
  });
});
