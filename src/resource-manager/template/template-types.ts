import type { Budget } from "../../core/budget.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { foldCase } from "../../core/filter/fold-case.ts";

/** A type in a template, with all definitions that it refers to. */
export interface TemplateType {
  /** Name of the type in lower case; empty if it is missing or not defined. */
  readonly type: string;
  /**
   * Whether values are secrets: the type, or one that it refers to, is `securestring` or `secureobject`. Values of a
   * reference without a definition count as secrets.
   */
  readonly isSecure: boolean;
  /** The merged declarations of the type and of those that it refers to; the nearest one takes precedence. */
  readonly declaration: JsonObject;
}

/** Declarations of the parts of a type. */
interface Parts {
  readonly firstElements: JsonArray;
  readonly elements: JsonValue | undefined;
  /** Members by folded name, so that they are found in any case. */
  readonly members: ReadonlyMap<string, JsonValue>;
  readonly otherMembers: JsonValue | undefined;
  /** Name of the member whose value selects one of `variants`, which are keyed by that value. */
  readonly chosenBy: string | undefined;
  readonly variants: ReadonlyMap<string, JsonValue>;
}

const REFERENCE = /^#\/definitions\/(.+)$/;
const MEMBERS_PER_STEP = 8;
/** Placeholder for a value that is not shown. */
const HIDDEN = Symbol("hidden");

/**
 * The types of a template's parameters and outputs. Values of a secure type are secrets, whether the type is reached
 * directly, through references, or inside objects and arrays. Source: [ARM-TEMPLATE-SECRET]
 */
export class TemplateTypes {
  readonly #definitions: ReadonlyMap<string, JsonValue | undefined>;
  readonly #budget: Budget;
  /** Resolved types, by declaration. */
  readonly #types = new WeakMap<object, TemplateType>();
  readonly #parts = new WeakMap<object, Parts>();
  readonly #withSecrets = new WeakMap<object, boolean>();

  constructor({ definitions }: JsonObject, budget: Budget) {
    this.#definitions = named(definitions);
    this.#budget = budget;
  }

  /** Resolves a declaration with the definitions that it refers to. */
  resolve(declared: JsonValue | undefined): TemplateType {
    if (!isJsonObject(declared)) return { type: "", isSecure: false, declaration: {} };
    const known = this.#types.get(declared);
    if (known !== undefined) return known;
    const type = this.#resolve(declared);
    this.#types.set(declared, type);
    return type;
  }

  /**
   * Returns a value without its secrets: `undefined` if the whole value is a secret, and `null` in place of inner
   * secrets.
   *
   * @param onSecret called with each secret
   */
  withoutSecrets(
    declared: JsonValue | undefined,
    value: JsonValue,
    onSecret: (secret: JsonValue) => void = () => {},
  ): JsonValue | undefined {
    const shown = this.#shown(declared, value, onSecret);
    return shown === HIDDEN ? undefined : shown;
  }

  #resolve(declared: JsonObject): TemplateType {
    const seen = new Set<string>();
    let declaration = declared;
    let isSecure = namesSecureType(declaration);
    for (;;) {
      this.#budget.spend(1 + Object.keys(declaration).length / MEMBERS_PER_STEP);
      const { $ref: reference, ...own } = declaration;
      if (reference === undefined) return { type: typeOf(declaration), isSecure, declaration };
      const name = typeof reference === "string" ? foldCase(REFERENCE.exec(reference)?.[1] ?? "") : "";
      const definition = this.#definitions.get(name);
      // A circular reference counts as undefined, too.
      if (!isJsonObject(definition) || seen.has(name)) return { type: typeOf(own), isSecure: true, declaration: own };
      seen.add(name);
      isSecure ||= namesSecureType(definition);
      declaration = { ...definition, ...own };
    }
  }

  #partsOf({ declaration }: TemplateType): Parts {
    const known = this.#parts.get(declaration);
    if (known !== undefined) return known;
    const { prefixItems, items, properties, additionalProperties, discriminator } = declaration;
    const { propertyName, mapping } = isJsonObject(discriminator) ? discriminator : {};
    const parts: Parts = {
      firstElements: Array.isArray(prefixItems) ? (prefixItems as JsonArray) : [],
      elements: items,
      members: named(properties),
      otherMembers: additionalProperties,
      chosenBy: typeof propertyName === "string" ? foldCase(propertyName) : undefined,
      variants: named(mapping),
    };
    this.#budget.spend((parts.firstElements.length + parts.members.size + parts.variants.size) / MEMBERS_PER_STEP);
    this.#parts.set(declaration, parts);
    return parts;
  }

  /** Returns whether values of a type can contain secrets. Most types cannot, and their values need not be searched. */
  #canHoldSecrets(declared: JsonValue | undefined): boolean {
    if (!isJsonObject(declared)) return false;
    const known = this.#withSecrets.get(declared);
    if (known !== undefined) return known;
    const seen = new Set<JsonValue>();
    const waiting: JsonValue[] = [declared];
    let canHold = false;
    while (waiting.length > 0 && !canHold) {
      const next = waiting.pop() ?? null;
      if (!isJsonObject(next) || seen.has(next)) continue;
      seen.add(next);
      const type = this.resolve(next);
      canHold = type.isSecure;
      const { firstElements, elements = null, members, otherMembers = null, variants } = this.#partsOf(type);
      waiting.push(...firstElements, elements, ...members.values(), otherMembers, ...variants.values());
    }
    this.#withSecrets.set(declared, canHold);
    return canHold;
  }

  #shown(
    declared: JsonValue | undefined,
    value: JsonValue,
    onSecret: (secret: JsonValue) => void,
  ): JsonValue | typeof HIDDEN {
    if (!this.#canHoldSecrets(declared)) return value;
    const type = this.resolve(declared);
    this.#budget.spend(1);
    if (type.isSecure) {
      onSecret(value);
      return HIDDEN;
    }
    const within = (part: JsonValue, partType: JsonValue | undefined): JsonValue => {
      const shown = this.#shown(partType, part, onSecret);
      return shown === HIDDEN ? null : shown;
    };
    if (Array.isArray(value)) {
      const { firstElements, elements } = this.#partsOf(type);
      return (value as JsonArray).map((part, index) => within(part, firstElements[index] ?? elements));
    }
    if (!isJsonObject(value)) return value;
    const types = [type, ...this.#variantsOf(type, value)];
    if (types.some(({ isSecure }) => isSecure)) {
      onSecret(value);
      return HIDDEN;
    }
    const declarations = types.map((each) => this.#partsOf(each));
    const entries = Object.entries(value).map(([name, part = null]) => {
      this.#budget.spend(declarations.length / MEMBERS_PER_STEP);
      const ofMember = declarations.map(({ members, otherMembers }) => members.get(foldCase(name)) ?? otherMembers);
      return [name, ofMember.reduce(within, part)] as const;
    });
    return Object.fromEntries(entries);
  }

  /** Returns the variant that a member of an object selects, or all variants if it selects none. */
  #variantsOf(type: TemplateType, value: JsonObject): readonly TemplateType[] {
    const { chosenBy, variants } = this.#partsOf(type);
    if (variants.size === 0) return [];
    const [, choice] = Object.entries(value).find(([name]) => foldCase(name) === chosenBy) ?? [];
    const chosen = typeof choice === "string" ? variants.get(foldCase(choice)) : undefined;
    const types = chosen === undefined ? [...variants.values()] : [chosen];
    this.#budget.spend(types.length);
    return types.map((each) => this.resolve(each));
  }
}

/** Returns whether a type, in lower case, is a type of secrets. */
function isSecureType(type: string): boolean {
  return type.startsWith("secure");
}

/** Returns a type in the spelling of the service's responses. */
export function typeName(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: "String",
    securestring: "SecureString",
    int: "Int",
    bool: "Bool",
    array: "Array",
    object: "Object",
    secureobject: "SecureObject",
  };
  const key = type.toLowerCase();
  return Object.hasOwn(names, key) ? (names[key] ?? type) : type;
}

function typeOf({ type }: JsonObject): string {
  return typeof type === "string" ? type.toLowerCase() : "";
}

function namesSecureType(declaration: JsonObject): boolean {
  return isSecureType(typeOf(declaration));
}

/** Returns the members of an object by folded name. */
function named(members: JsonValue | undefined): ReadonlyMap<string, JsonValue> {
  const entries = Object.entries(isJsonObject(members) ? members : {});
  return new Map(entries.map(([name, member = null]) => [foldCase(name), member] as const));
}
