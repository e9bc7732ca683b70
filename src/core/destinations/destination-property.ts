import type { JsonValue } from "../json.ts";

/** Members that every property of a destination has, whatever its values are. */
interface PropertyFacts {
  /** For editors of the configuration file and the page about it. */
  readonly description?: string;
  /** The value that the service fills in. [ARM-DEFAULTS] */
  readonly default?: JsonValue;
  /** Ringmain's own property of a kind that Azure has, too. */
  readonly ringmainOnly?: true;
  /** Resource Manager keeps it and shows it; a configuration file has no place for it. */
  readonly notInFile?: true;
}

/** A text. */
export interface TextProperty extends PropertyFacts {
  readonly form: "text";
  /** The only values; Resource Manager takes them in any case. */
  readonly values?: readonly string[];
  /** A configuration file may not leave it empty. */
  readonly notEmpty?: true;
  /** The form that a configuration file is held to. */
  readonly pattern?: { readonly expression: RegExp; readonly message: string };
  /**
   * Never shown as it is. A `url` is shown without its query as `endpointBaseUrl`, and kept when a change leaves it out;
   * a `hidden` one is kept also when it comes back as it is shown. No error repeats either. [ARM-SECRET]
   */
  readonly secret?: "url" | "hidden";
}

/** A number; the kind's rules know its range. */
export interface NumberProperty extends PropertyFacts {
  readonly form: "number";
}

/** True or false. */
export interface FlagProperty extends PropertyFacts {
  readonly form: "flag";
}

/** A list of texts. */
export interface TextListProperty extends PropertyFacts {
  readonly form: "texts";
}

/** Delivery attributes, whose values may be secrets. */
export interface AttributesProperty extends PropertyFacts {
  readonly form: "attributes";
}

/** How one property of a destination is read, checked in a file, shown and kept. */
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

/** The table of these properties: complete, and `required` where the type says so. */
export type PropertyTable<Properties> = {
  readonly [Name in keyof Properties]-?: PropertyFor<NonNullable<Properties[Name]>> &
    (Partial<Pick<Properties, Name>> extends Pick<Properties, Name>
      ? { readonly required?: never }
      : { readonly required: true });
};

/** Source: [EG-BATCH-OUT] */
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

/** Value of a delivery attribute that a destination adds to each delivery. Source: [EG-ATTRIBUTES] */
export type DeliveryAttributeMapping =
  | {
      readonly name: string;
      readonly type: "Static";
      readonly properties: { readonly value: string; readonly isSecret?: boolean };
    }
  | { readonly name: string; readonly type: "Dynamic"; readonly properties: { readonly sourceField: string } };

/** The attributes that a destination adds to each delivery. */
export interface AttributeProperties {
  readonly deliveryAttributeMappings?: readonly DeliveryAttributeMapping[];
}

/** The table of {@link AttributeProperties}. */
export const ATTRIBUTES: PropertyTable<AttributeProperties> = {
  deliveryAttributeMappings: { form: "attributes", description: "Headers to add to each delivery." },
};

/** A destination that is known by its resource id alone. */
export interface ResourceProperties {
  /** Of the form that its kind's `resource` says. */
  readonly resourceId: string;
}

/** A resource that also takes delivery attributes. */
export interface AttributedResourceProperties extends ResourceProperties, AttributeProperties {}
