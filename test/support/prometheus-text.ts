/** One sample of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const HELP = new RegExp(`^# HELP (${NAME}) (?:[^\\\\\\n]|\\\\\\\\|\\\\n)+$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\+Inf|-Inf|NaN|-?[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/y;

/**
 * Parses Prometheus' text exposition format 0.0.4 as strictly as its specification. Throws at the first violation:
 * unknown forms, samples without a family or outside it, duplicate series, counters that a linter would rename,
 * histograms whose buckets do not add up.
 */
export function parseExposition(text: string): Sample[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const samples: Sample[] = [];
  const families = new Set<string>();
  const series = new Set<string>();
  let helpName = "";
  let family = { name: "", type: "" };
  for (const line of text.slice(0, -1).split("\n")) {
    const help = HELP.exec(line);
    if (help !== null) {
      helpName = help[1] ?? "";
      continue;
    }
    const type = TYPE.exec(line);
    if (type !== null) {
      family = { name: type[1] ?? "", type: type[2] ?? "" };
      if (family.name !== helpName) throw new Error(`no help in front of: ${line}`);
      if (families.has(family.name)) throw new Error(`a second family: ${line}`);
      if ((family.type === "counter") !== family.name.endsWith("_total")) throw new Error(`misnamed: ${line}`);
      families.add(family.name);
      continue;
    }
    const sample = parseSample(line);
    if (familyOf(sample.name, family.type) !== family.name) throw new Error(`outside its family: ${line}`);
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).map(String).toSorted()]);
    if (series.has(key)) throw new Error(`a series twice: ${line}`);
    series.add(key);
    samples.push(sample);
  }
  checkHistograms(samples);
  return samples;
}

/** Returns the value of the only sample with this name and at least these labels. */
export function valueOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (found.length > 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
  return found[0]?.value;
}

function parseSample(line: string): Sample {
  const [, name = "", inBraces, value = ""] = SAMPLE.exec(line) ?? [];
  if (name === "") throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  const text = inBraces ?? "";
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, label, quoted = ""] = LABEL.exec(text) ?? [];
    if (label === undefined || label in labels) throw new Error(`no labels: ${line}`);
    labels[label] = quoted.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
  }
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function familyOf(name: string, type: string): string {
  return type === "histogram" ? name.replace(/_(?:bucket|sum|count)$/, "") : name;
}

function checkHistograms(samples: readonly Sample[]): void {
  for (const { name, labels, value } of samples.filter((sample) => sample.labels["le"] === "+Inf")) {
    const { le: _, ...own } = labels;
    const same = (sample: Sample, suffix: string): boolean => {
      const { le: _le, ...others } = sample.labels;
      return sample.name === name.replace("_bucket", suffix) && JSON.stringify(others) === JSON.stringify(own);
    };
    const buckets = samples.filter((sample) => same(sample, "_bucket"));
    const bounds = buckets.map((bucket) => Number(bucket.labels["le"]?.replace("Inf", "Infinity")));
    const sound =
      bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? 0)) &&
      buckets.every((bucket, index) => index === 0 || bucket.value >= (buckets[index - 1]?.value ?? 0)) &&
      samples.find((sample) => same(sample, "_count"))?.value === value &&
      samples.some((sample) => same(sample, "_sum"));
    if (!sound) throw new Error(`a histogram that does not add up: ${name} ${JSON.stringify(own)}`);
  }
}
