/**
 * A resource. Its `properties` are those of ARM, so configuration file, Resource Manager, CLI and store have the same
 * structure. Unset optional properties are absent, never `undefined`.
 */
export interface ResourceBase<Type extends string, Properties> {
  /** Full ARM id. */
  readonly id: string;
  readonly name: string;
  readonly type: Type;
  /**
   * Ringmain's own id, created with the resource. A resource that is deleted and created again gets a new one, so it
   * never inherits the queue of its predecessor.
   */
  readonly uid: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Set on a resource that the configuration file declares. It is deleted when the file no longer declares it. */
  readonly managedBy?: "config";
  /** Name of the configuration that declared it, if that has a name. Only this configuration deletes it. */
  readonly configName?: string;
  readonly properties: Properties;
}

/** A resource with access keys for publishers. */
export interface Keyed {
  /** Access keys in Base64. Never returned with the resource. */
  readonly keys: AccessKeys;
}

/** The two access keys of a resource. Either one is valid. */
export interface AccessKeys {
  readonly key1: string;
  readonly key2: string;
}

/** Identity of a resource, in the form of ARM. Ringmain sets `principalId` and `tenantId`. */
export interface ResourceIdentity {
  readonly type: "None" | "SystemAssigned" | "UserAssigned" | "SystemAssigned, UserAssigned";
  readonly principalId?: string;
  readonly tenantId?: string;
  readonly userAssignedIdentities?: Readonly<Record<string, unknown>>;
}

/** A resource that may have an identity. */
export interface Identifiable {
  readonly identity?: ResourceIdentity;
}

/** Rules for access to the publish endpoint of a resource. */
export interface PublisherAccess {
  /** If true, access keys and shared access signatures are refused. */
  readonly disableLocalAuth?: boolean;
  /** Default: `Enabled`. */
  readonly publicNetworkAccess?: "Enabled" | "Disabled";
  /** Addresses that may publish. All may if the list is unset or empty. */
  readonly inboundIpRules?: readonly InboundIpRule[];
  /** Stored and returned. The listener decides which versions of TLS it accepts. */
  readonly minimumTlsVersionAllowed?: "1.0" | "1.1" | "1.2";
}

/** An allowed address, or range of addresses in CIDR notation. */
export interface InboundIpRule {
  readonly ipMask: string;
  readonly action?: "Allow";
}

/** Description of the event types that a partner publishes. */
export interface EventTypeInfo {
  readonly kind: "Inline";
  readonly inlineEventTypes: Readonly<
    Record<
      string,
      {
        readonly description?: string;
        readonly displayName?: string;
        readonly dataSchemaUrl?: string;
        readonly documentationUrl?: string;
      }
    >
  >;
}

/** Desired state of a resource. Unset keys are kept, or generated for a new resource. */
export type Desired<Wanted> = Wanted extends Keyed
  ? Omit<Wanted, "uid" | "keys"> & { readonly keys?: Partial<AccessKeys> }
  : Omit<Wanted, "uid">;
