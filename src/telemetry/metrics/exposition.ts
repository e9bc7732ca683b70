/** What a family of series is, as Prometheus' text format tells it. */
export type FamilyType = "counter" | "gauge" | "histogram";

/** Label names and values. */
export type Labels = Readonly<Record<string, string>>;

/** `name="value",…` without braces: made once for a series, not once a scrape. */
export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeValue(value)}"`)
    .join(",");
}

/** `\`, `"` and line breaks are all that the format asks to escape in a label's value. */
function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Writes the text exposition format of Prometheus, version 0.0.4. */
export class ExpositionWriter {
  readonly #lines: string[] = [];
  #name = "";

  /** Begins a family; the samples that follow are its. `help` is one line. */
  family(name: string, type: FamilyType, help: string): void {
    this.#name = name;
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }

  /** @param labels as {@link labelText} makes them */
  sample(labels: string, value: number, suffix = ""): void {
    const name = this.#name + suffix;
    this.#lines.push(labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`);
  }

  text(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

/** The content type that Prometheus asks for. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";
