import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { StoreCapabilities } from "../../src/ports/delivery-queue.ts";
import { LMDB_CAPABILITIES } from "../../src/stores/lmdb/queue/lmdb-delivery-queue.ts";
import { MEMORY_CAPABILITIES } from "../../src/stores/memory/memory-delivery-queue.ts";
import { NATS_CAPABILITIES } from "../../src/stores/nats/queue/nats-delivery-queue.ts";

const BACKENDS: readonly [string, StoreCapabilities][] = [
  ["memory", MEMORY_CAPABILITIES],
  ["lmdb", LMDB_CAPABILITIES],
  ["nats", NATS_CAPABILITIES],
];

function cell(value: boolean | number): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Number.isFinite(value) ? value.toLocaleString("en") : "no limit";
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function table(): string {
  const names = Object.keys(MEMORY_CAPABILITIES) as (keyof StoreCapabilities)[];
  return [
    `| ${row(BACKENDS.map(([name]) => name))}`,
    row(["---", ...BACKENDS.map(() => "---")]),
    ...names.map((name) => row([name, ...BACKENDS.map(([, capabilities]) => cell(capabilities[name]))])),
  ].join("\n");
}

it("docs/store-backends.md shows the capabilities that the stores declare", () => {
  const page = readFileSync(new URL("../../docs/store-backends.md", import.meta.url), "utf8");
  expect(page).toContain(`\n\n${table()}\n\n`);
});
