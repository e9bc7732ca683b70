/** Something about a resource that the protocol does not allow. */
export interface ResourceProblem {
  /** Path within the resource, for example `properties.retryPolicy.maxDeliveryAttempts`. */
  readonly field: string;
  /** For the caller; Azure's own words where they are known. Names the value and the limit, never a secret. */
  readonly message: string;
  /**
   * `conflict` where the resource is well formed but there is no room for it, `account_name_invalid` where Azure has a
   * word of its own for what is not.
   */
  readonly code: "invalid_request" | "conflict" | "account_name_invalid";
}

/** A problem of the resource itself. */
export function invalid(field: string, message: string): ResourceProblem {
  return { field, message, code: "invalid_request" };
}

/** A problem when a value is not a whole number within bounds. */
export function outside(field: string, value: unknown, low: number, high: number): readonly ResourceProblem[] {
  if (Number.isInteger(value) && Number(value) >= low && Number(value) <= high) return [];
  const name = field.slice(field.lastIndexOf(".") + 1);
  return [invalid(field, `${name} must be a whole number between ${low} and ${high}, not ${quote(value)}.`)];
}

/** A value as a message names it: short, whatever was sent. */
export function quote(value: unknown): string {
  if (typeof value === "string") return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "this value";
}

/** Whether an optional member says something: files and requests may hold `null` for nothing. */
export function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

/** What a name must be made of. */
export interface NameRule {
  /** What the message calls the resource, for example `Topic`. */
  readonly noun: string;
  readonly low: number;
  readonly high: number;
  /** Letters, digits and hyphens unless given. */
  readonly allowed?: { readonly pattern: RegExp; readonly words: string };
}

const PLAIN = { pattern: /^[A-Za-z\d-]*$/, words: "letters, digits and hyphens" };

/** What is wrong with a resource's name: its length, its characters. */
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
