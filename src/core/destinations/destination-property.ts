import type { JsonValue } from "../json.ts";

/** Members of every property of a destination. */
interface PropertyFacts {
  /** Description for editors of the configuration file and for the documentation. */
  readonly description?: string;
  /** Value that the service sets by default. [ARM-DEFAULTS] */
  readonly default?: JsonValue;
  /** Set for Ringmain's own properties of a kind that Azure has, too. */
  readonly ringmainOnly?: true;
  /** Set if Resource Manager stores and returns the property, but configuration files cannot set it. */
  readonly notInFile?: true;
}

/** A property whose value is a text. */
export interface TextProperty extends PropertyFacts {
  readonly form: "text";
  /** Allowed values. Resource Manager ignores their case. */
  readonly values?: readonly string[];
  /** Set if the value must not be empty in a configuration file. */
  readonly notEmpty?: true;
  /** Form that is required in a configuration file. */
  readonly pattern?: { readonly expression: RegExp; readonly message: string };
  /**
   * Kind of secret; neither kind is ever returned or repeated in an error. A `url` is returned without its query as
   * `endpointBaseUrl`, and is kept if a change omits it. A `hidden` value is kept also if a change contains the value
   * that is returned in its place. [ARM-SECRET]
   */
  readonly secret?: "url" | "hidden";
}

/** A property whose value is a number. The rules of the kind check its range. */
export interface NumberProperty extends PropertyFacts {
  readonly form: "number";
}

/** A property whose value is true or false. */
export interface FlagProperty extends PropertyFacts {
  readonly form: "flag";
}

/** A property whose value is a list of texts. */
export interface TextListProperty extends PropertyFacts {
  readonly form: "texts";
}

/** A property that contains delivery attributes. Their values may be secrets. */
export interface AttributesProperty extends PropertyFacts {
  readonly form: "attributes";
}

/** One property of a destination: how it is read, checked in a configuration file, returned and kept. */
export type DestinationProperty = { readonly required?: true } & (
  | TextProperty
  | NumberProperty
  | FlagProperty
  | TextListProperty
  | AttributesProperty
);

type PropertyFor<Value> = Value extends string
  ? TextProperty
  : Value extends number
    ? NumberProperty
    : Value extends boolean
      ? FlagProperty
      : Value extends readonly string[]
        ? TextListProperty
        : AttributesProperty;

/** Table of properties. The type requires all of them, and `required` where the type does. */
export type PropertyTable<Properties> = {
  readonly [Name in keyof Properties]-?: PropertyFor<NonNullable<Properties[Name]>> &
    (Partial<Pick<Properties, Name>> extends Pick<Properties, Name>
      ? { readonly required?: never }
      : { readonly required: true });
};

/** Properties for batching. Source: [EG-BATCH-OUT] */
export interface BatchingProperties {
  /** 1 to 5,000; unset means 1. */
  readonly maxEventsPerBatch?: number;
  /** 1 to 1,024; unset means 64. */
  readonly preferredBatchSizeInKilobytes?: number;
}

/** The table of {@link BatchingProperties}. */
export const BATCHING: PropertyTable<BatchingProperties> = {
  maxEventsPerBatch: {
    form: "number",
    default: 1,
    description: "Maximum number of events in one request, 1 to 5000. Unless set, 1.",
  },
  preferredBatchSizeInKilobytes: { form: "number", default: 64, description: "1 to 1024. Unless set, 64." },
};

/** Delivery attribute that a destination adds to each delivery. Source: [EG-ATTRIBUTES] */
export type DeliveryAttributeMapping =
  | {
      readonly name: string;
      readonly type: "Static";
      readonly properties: { readonly value: string; readonly isSecret?: boolean };
    }
  | { readonly name: string; readonly type: "Dynamic"; readonly properties: { readonly sourceField: string } };

/** Properties for delivery attributes. */
export interface AttributeProperties {
  readonly deliveryAttributeMappings?: readonly DeliveryAttributeMapping[];
}

/** The table of {@link AttributeProperties}. */
export const ATTRIBUTES: PropertyTable<AttributeProperties> = {
  deliveryAttributeMappings: { form: "attributes", description: "Headers to add to each delivery." },
};

/** Properties of a destination that is identified by its resource id alone. */
export interface ResourceProperties {
  /** Resource id of the form that the kind's `resource` defines. */
  readonly resourceId: string;
}

/** Properties of a destination that is identified by its resource id and supports delivery attributes. */
export interface AttributedResourceProperties extends ResourceProperties, AttributeProperties {}
