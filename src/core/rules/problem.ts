/** A violation of the rules of the protocol by a resource. */
export interface ResourceProblem {
  /** Path within the resource, for example `properties.retryPolicy.maxDeliveryAttempts`. */
  readonly field: string;
  /**
   * Message for the caller, with Azure's own words where they are known. Names the value and the limit, never a
   * secret.
   */
  readonly message: string;
  /**
   * Error code: `conflict` if the resource is valid but exceeds a quota, `account_name_invalid` for the one problem
   * that has a code of its own in Azure.
   */
  readonly code: "invalid_request" | "conflict" | "account_name_invalid";
}

/** Returns a problem of the resource itself. */
export function invalid(field: string, message: string): ResourceProblem {
  return { field, message, code: "invalid_request" };
}

/** Returns a problem unless the value is a whole number between `low` and `high`. */
export function outside(field: string, value: unknown, low: number, high: number): readonly ResourceProblem[] {
  if (Number.isInteger(value) && Number(value) >= low && Number(value) <= high) return [];
  const name = field.slice(field.lastIndexOf(".") + 1);
  return [invalid(field, `${name} must be a whole number between ${low} and ${high}, not ${quote(value)}.`)];
}

/** Returns a short form of any value for a message. */
export function quote(value: unknown): string {
  if (typeof value === "string") return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "this value";
}

/** Returns whether an optional member is set. In files and requests, `null` means unset. */
export function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

/** Rule for the names of one kind of resource. */
export interface NameRule {
  /** Noun for messages, for example `Topic`. */
  readonly noun: string;
  readonly low: number;
  readonly high: number;
  /** Allowed characters. Default: letters, digits and hyphens. */
  readonly allowed?: { readonly pattern: RegExp; readonly words: string };
}

const PLAIN = { pattern: /^[A-Za-z\d-]*$/, words: "letters, digits and hyphens" };

/** Returns the problems of a resource's name: its length and its characters. */
export function nameProblems(name: string, { noun, low, high, allowed = PLAIN }: NameRule): readonly ResourceProblem[] {
  const problems: ResourceProblem[] = [];
  if (name.length < low || name.length > high) {
    problems.push(invalid("name", `${noun} name must be between ${low} and ${high} characters in length.`));
  }
  if (!allowed.pattern.test(name)) {
    problems.push(invalid("name", `${noun} name ${quote(name)} must hold only ${allowed.words}.`));
  }
  return problems;
}
