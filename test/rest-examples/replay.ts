/**
 * Replays the examples of Event Grid's REST specification with `npm run test:rest-examples -- <folder> [--json
 * FILE]`: sends each to a new Ringmain, and compares the responses with the documented ones. The specification is
 * not part of the repository. See `docs/decisions/0008-rest-examples.md`.
 */
import { createServer } from "node:http";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { startTestRingmain } from "ringmain/testing";
import { differences } from "./compare.ts";
import { presumedBy, redirected, REPLAYED_AT, type Receiver } from "./presume.ts";
import { isMap, readExamples, type Example, type Json } from "./specification.ts";

/** Required share of supported examples with the documented response. */
const WANTED = 0.95;

const HOW_TO_GET_IT = `The examples are not part of this repository. Get them once:
  git clone --depth 1 --filter=blob:none --sparse https://github.com/Azure/azure-rest-api-specs && git -C azure-rest-api-specs sparse-checkout set specification/eventgrid specification/common-types
and name the folder of one version, or set RINGMAIN_REST_EXAMPLES to it:
  npm run test:rest-examples -- azure-rest-api-specs/specification/eventgrid/resource-manager/…/stable/2025-02-15
`;

/** Examples of features that Ringmain does not have, which are counted separately. */
const APART: readonly (readonly [RegExp, string])[] = [
  [/^(?:Namespace|CaCertificates|Client|PermissionBindings|TopicSpaces)/, "namespaces"],
  [/^PartnerDestinations/, "partner destinations (previews only)"],
  [/ForAzureArc$/, "Azure Arc (previews only)"],
  [/^(?:PrivateEndpoint|PrivateLink|NetworkSecurityPerimeter)/, "private networks"],
];

interface Result {
  readonly example: string;
  readonly group: string;
  /** `there` if Ringmain has the feature. */
  readonly kind: string;
  readonly status: number;
  /** Reasons of a failure; empty on success. */
  readonly reasons: readonly string[];
}

async function replay(example: Example, receiver: Receiver): Promise<Result> {
  await using ringmain = await startTestRingmain({ startAt: REPLAYED_AT });
  const send = async (method: string, path: string, query: string, body: Json | undefined) => {
    const answer = await fetch(`${ringmain.http}${path}?${query}`, {
      method,
      headers: { authorization: "Bearer replay", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : (JSON.parse(text) as Json) };
  };
  const query = `api-version=${example.query.get("api-version") ?? ""}`;
  const unmade: string[] = [];
  for (const { id, body } of presumedBy(example, receiver)) {
    const created = await send("PUT", id, query, redirected(body, receiver));
    if (created.status >= 300) unmade.push(`presumed ${id}: ${created.status} ${JSON.stringify(created.body)}`);
  }
  const { status, body } = await send(
    example.method,
    example.path,
    example.query.toString(),
    redirected(example.body, receiver),
  );
  const group = example.operationId.split("_")[0] ?? "";
  const kind = APART.find(([names]) => names.test(example.name))?.[1] ?? "there";
  const reasons = example.statuses.includes(status)
    ? differences(documentedFor(example, status), body, written(example))
    : [`status ${status}, documented ${example.statuses.join(" ")}: ${JSON.stringify(body)}`];
  return { example: example.name, group, kind, status, reasons: reasons.length === 0 ? [] : [...reasons, ...unmade] };
}

/** Returns the body documented for a status, or for another success: an example rarely has all of its operation's. */
function documentedFor({ responses }: Example, status: number): Json | undefined {
  if (status === 204 || responses.has(status)) return responses.get(status);
  return [...responses.values()].find((body) => body !== undefined);
}

/**
 * Returns the properties that the request set, at the places where they are read: a subscription's PATCH has no
 * `properties`.
 */
function written({ body }: Example): Json | undefined {
  return isMap(body) && !("properties" in body) ? { ...body, properties: body } : body;
}

/** Starts a webhook that accepts every handshake. */
async function startReceiver(): Promise<{ readonly receiver: Receiver; readonly stop: () => void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const code = /"validationCode":\s*"([^"]*)"/.exec(Buffer.concat(chunks).toString())?.[1];
      response.setHeader("webhook-allowed-origin", "*");
      response.end(code === undefined ? "" : JSON.stringify({ validationResponse: code }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = (url) => `http://127.0.0.1:${port}${/^https?:\/\/[^/]*(\/.*)?$/.exec(url)?.[1] ?? "/"}`;
  return { receiver, stop: () => server.close() };
}

function table(results: readonly Result[]): string {
  const lines: string[] = [];
  for (const kind of new Set(["there", ...results.map((each) => each.kind)])) {
    const ofKind = results.filter((each) => each.kind === kind);
    lines.push(`${kind}: ${share(ofKind)}`);
    for (const group of new Set(ofKind.map((each) => each.group))) {
      lines.push(`  ${group.padEnd(34)} ${share(ofKind.filter((each) => each.group === group))}`);
    }
  }
  const failures = results.filter(({ kind, reasons }) => kind === "there" && reasons.length > 0);
  for (const { example, reasons } of failures) lines.push("", example, ...reasons.map((reason) => `  ${reason}`));
  return `${lines.join("\n")}\n`;
}

function share(results: readonly Result[]): string {
  const passed = results.filter(({ reasons }) => reasons.length === 0).length;
  const percent = results.length === 0 ? 0 : (100 * passed) / results.length;
  return `${passed}/${results.length} (${percent.toFixed(1)} %)`;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "string" } } });
const folder = positionals[0] ?? process.env["RINGMAIN_REST_EXAMPLES"];
const examples = folder === undefined ? [] : await readExamples(folder).catch(() => []);
if (examples.length === 0) {
  process.stderr.write(HOW_TO_GET_IT);
  process.exitCode = 2;
} else {
  const { receiver, stop } = await startReceiver();
  const results: Result[] = [];
  for (const example of examples) results.push(await replay(example, receiver));
  stop();
  process.stdout.write(table(results));
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(results, undefined, 2));
  const there = results.filter(({ kind }) => kind === "there");
  const passed = there.filter(({ reasons }) => reasons.length === 0);
  process.exitCode = passed.length >= WANTED * there.length ? 0 : 1;
}
