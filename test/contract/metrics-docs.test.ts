import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SUBSCRIPTION_FAMILIES } from "../../src/telemetry/metrics/subscription-series.ts";
import { TOPIC_FAMILIES } from "../../src/telemetry/metrics/topic-series.ts";

const page = readFileSync(new URL("../../docs/observability.md", import.meta.url), "utf8");
const families = [...Object.values(TOPIC_FAMILIES), ...Object.values(SUBSCRIPTION_FAMILIES)];

it.each(families.map(({ name, help }) => [name, help]))("docs/observability.md has a row for %s", (name, help) => {
  const [azureName = ""] = help.split(":");
  expect(page).toContain(`| ${azureName} | \`${name}\``);
});
