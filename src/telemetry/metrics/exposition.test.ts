import { expect, it } from "vitest";
import { parseExposition } from "../../../test/support/prometheus-text.ts";
import { ExpositionWriter, labelText } from "./exposition.ts";
import { Histogram } from "./histogram.ts";

it("escapes characters that would end a label's value, so that every value can be read back", () => {
  const labels = { plain: "orders", odd: 'a "quoted" \\ and\na line, {brace}', empty: "" };
  const writer = new ExpositionWriter();
  writer.family("things", "gauge", "Things.");
  writer.sample(labelText(labels), 1.5);
  writer.sample("", 3);
  expect(parseExposition(writer.text())).toEqual([
    { name: "things", labels, value: 1.5 },
    { name: "things", labels: {}, value: 3 },
  ]);
});

it("a histogram counts each duration in every bucket from its own up, in seconds", () => {
  const histogram = new Histogram();
  for (const ms of [0, 1, 3, 40_000, 100_000, -5]) histogram.observe(ms);
  const writer = new ExpositionWriter();
  writer.family("time_seconds", "histogram", "Time.");
  histogram.write(writer, 'of="all"');
  const samples = parseExposition(writer.text());
  const bucket = (le: string): number | undefined => samples.find(({ labels }) => labels["le"] === le)?.value;
  expect(["0.001", "0.0025", "0.005", "30", "60", "+Inf"].map(bucket)).toEqual([3, 3, 4, 4, 5, 6]);
  expect(samples.at(-2)).toEqual({ name: "time_seconds_sum", labels: { of: "all" }, value: 140.004 });
  expect(samples.at(-1)).toEqual({ name: "time_seconds_count", labels: { of: "all" }, value: 6 });
});
