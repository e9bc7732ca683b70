/** Generator of unique identifiers for the parameters and resources of a template. */
export class Identifiers {
  readonly #taken: Set<string>;

  constructor(taken: readonly string[] = []) {
    this.#taken = new Set(taken.map((name) => name.toLowerCase()));
  }

  /**
   * Returns a new identifier in camel case.
   * @example new Identifiers().make("orders-billing", "EndpointUrl") // "ordersBillingEndpointUrl"
   */
  make(words: string, suffix = ""): string {
    const camel = words
      .split(/[^A-Za-z0-9]+/)
      .filter((word) => word !== "")
      .map((word, index) => (index === 0 ? lowerFirst(word) : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
      .join("");
    const base = `${/^[A-Za-z]/.test(camel) ? "" : "the"}${camel}${suffix}`;
    let name = base;
    for (let number = 2; this.#taken.has(name.toLowerCase()); number += 1) name = `${base}${number}`;
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

function lowerFirst(word: string): string {
  return `${word.charAt(0).toLowerCase()}${word.slice(1)}`;
}
