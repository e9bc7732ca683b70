import { kindNamed } from "../../core/kinds/index.ts";

/** The value of one of the template's parameters. */
export class ParameterReference {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** The id of a resource, worked out where the template is deployed. */
export class ResourceReference {
  /** With its provider: `Microsoft.EventGrid/domains/topics`. */
  readonly type: string;
  /** As many as the type has words behind its provider. */
  readonly names: readonly string[];
  /** The resource group; that of the deployment unless set. */
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

/** What ARM templates and Bicep write alike, for example `resourceGroup().location`. */
export class Expression {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template: JSON, with what is worked out at deployment in it. */
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
  /** A line for whoever reads the template. */
  readonly comment?: string;
  /** What it extends, for an event subscription of no Event Grid resource; the resource group when absent. */
  readonly scope?: ResourceReference;
  /** Resources that must be there first, its parent and scope aside. */
  readonly dependsOn: readonly ResourceReference[];
  /** All but type, name, version and dependencies. */
  readonly body: TemplateObject;
}

/** What is to be written as an ARM template or a Bicep file. */
export interface ExportedTemplate {
  readonly parameters: readonly TemplateParameter[];
  /** Parents before their children. */
  readonly resources: readonly TemplateResource[];
  /** What was left out and what will not work as it does here, one line each. */
  readonly warnings: readonly string[];
}

/** The reference to the resource that this one is a child of; `undefined` for one that has no parent. */
export function parentOf({ type, names, group }: ResourceReference): ResourceReference | undefined {
  if (names.length < 2) return undefined;
  return new ResourceReference(type.slice(0, type.lastIndexOf("/")), names.slice(0, -1), group);
}

/** An event subscription that extends something: it has no parent, whatever its type looks like. */
export function isExtension({ id }: TemplateResource): boolean {
  return kindNamed(id.type)?.placement.kind === "extension";
}

/** Whether a value is worked out at deployment. */
export function isReference(value: object): boolean {
  return value instanceof ParameterReference || value instanceof ResourceReference || value instanceof Expression;
}

/** The resources whose ids are somewhere in a value. */
export function idsIn(value: TemplateValue): ResourceReference[] {
  if (value instanceof ResourceReference) return [value];
  if (typeof value !== "object" || value === null || isReference(value)) return [];
  return Object.values(value).flatMap((each) => idsIn(each as TemplateValue));
}
