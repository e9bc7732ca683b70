/** Types of series families in Prometheus' text format. */
export type FamilyType = "counter" | "gauge" | "histogram";

/** Label values by name. */
export type Labels = Readonly<Record<string, string>>;

/** Formats labels as `name="value",…` without braces. Called once for a series, not for every scrape. */
export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeValue(value)}"`)
    .join(",");
}

/** Escapes `\`, `"` and line breaks, the only characters that the format requires to be escaped. */
function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Writes the text exposition format of Prometheus, version 0.0.4. */
export class ExpositionWriter {
  readonly #lines: string[] = [];
  #name = "";

  /** Starts a family, which the following samples belong to. `help` is one line. */
  family(name: string, type: FamilyType, help: string): void {
    this.#name = name;
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }

  /**
   * Writes one sample of the current family.
   *
   * @param labels result of {@link labelText}
   */
  sample(labels: string, value: number, suffix = ""): void {
    const name = this.#name + suffix;
    this.#lines.push(labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`);
  }

  text(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

/** Content type of the exposition format. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";
