import { kindNamed } from "../../core/kinds/index.ts";

/** Reference to a parameter of the template. */
export class ParameterReference {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** The id of a resource, computed at deployment. */
export class ResourceReference {
  /** Type with its provider, for example `Microsoft.EventGrid/domains/topics`. */
  readonly type: string;
  /** Names, one for each word of the type after the provider. */
  readonly names: readonly string[];
  /** Resource group; by default that of the deployment. */
  readonly group: string | undefined;

  constructor(type: string, names: readonly string[], group?: string) {
    this.type = type;
    this.names = names;
    this.group = group;
  }

  /** Equal for two references to the same resource. */
  get key(): string {
    return [this.group ?? "", this.type, ...this.names].join("/").toLowerCase();
  }
}

/** An expression that is the same in ARM templates and Bicep, for example `resourceGroup().location`. */
export class Expression {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template: JSON that may contain values computed at deployment. */
export type TemplateValue =
  | string
  | number
  | boolean
  | null
  | ParameterReference
  | ResourceReference
  | Expression
  | readonly TemplateValue[]
  | TemplateObject;

/** An object in a template. */
export interface TemplateObject {
  readonly [member: string]: TemplateValue;
}

/** A parameter of a template. */
export interface TemplateParameter {
  readonly name: string;
  /** `securestring` holds a secret. */
  readonly type: "string" | "securestring";
  readonly description: string;
  readonly defaultValue?: string | Expression;
}

/** A resource of a template. */
export interface TemplateResource {
  readonly id: ResourceReference;
  readonly apiVersion: string;
  /** A one-line comment for readers of the template. */
  readonly comment?: string;
  /**
   * The extended resource, for an event subscription to a resource outside Event Grid; the resource group if absent.
   */
  readonly scope?: ResourceReference;
  /** Resources that must exist first, besides its parent and scope. */
  readonly dependsOn: readonly ResourceReference[];
  /** All members except type, name, version and dependencies. */
  readonly body: TemplateObject;
}

/** Content of an exported ARM template or Bicep file. */
export interface ExportedTemplate {
  readonly parameters: readonly TemplateParameter[];
  /** Parents before their children. */
  readonly resources: readonly TemplateResource[];
  /** Warnings about omitted features and different behavior, one line each. */
  readonly warnings: readonly string[];
}

/** Returns the reference to a resource's parent; `undefined` if it has none. */
export function parentOf({ type, names, group }: ResourceReference): ResourceReference | undefined {
  if (names.length < 2) return undefined;
  return new ResourceReference(type.slice(0, type.lastIndexOf("/")), names.slice(0, -1), group);
}

/** Returns whether a resource is an event subscription that extends its source, and so has no parent. */
export function isExtension({ id }: TemplateResource): boolean {
  return kindNamed(id.type)?.placement.kind === "extension";
}

/** Returns whether a value is computed at deployment. */
export function isReference(value: object): boolean {
  return value instanceof ParameterReference || value instanceof ResourceReference || value instanceof Expression;
}

/** Returns the references to resources at any depth of a value. */
export function idsIn(value: TemplateValue): ResourceReference[] {
  if (value instanceof ResourceReference) return [value];
  if (typeof value !== "object" || value === null || isReference(value)) return [];
  return Object.values(value).flatMap((each) => idsIn(each as TemplateValue));
}
