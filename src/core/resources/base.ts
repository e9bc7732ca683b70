/**
 * What people manage. Each resource's `properties` are ARM's own, so that file, Resource Manager, CLI and store hold
 * one shape. Unset optional properties are absent, never `undefined`-valued defaults.
 */
export interface ResourceBase<Type extends string, Properties> {
  /** Full ARM id. */
  readonly id: string;
  readonly name: string;
  readonly type: Type;
  /** Ringmain's own id, made once and kept until the resource is deleted; a resource made again under the same name
   * gets another, so that it never inherits its predecessor's queue. */
  readonly uid: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Set on what the configuration file declares: it goes when the file no longer declares it. */
  readonly managedBy?: "config";
  /** Which configuration declared it, where that has a name: only this one takes it away. */
  readonly configName?: string;
  readonly properties: Properties;
}

/** A resource that publishers authenticate to. */
export interface Keyed {
  /** Shared access keys, Base64. Never part of a read of the resource. */
  readonly keys: AccessKeys;
}

export interface AccessKeys {
  readonly key1: string;
  readonly key2: string;
}

/** A resource's own identity, as ARM describes it; `principalId` and `tenantId` are Ringmain's to say. */
export interface ResourceIdentity {
  readonly type: "None" | "SystemAssigned" | "UserAssigned" | "SystemAssigned, UserAssigned";
  readonly principalId?: string;
  readonly tenantId?: string;
  readonly userAssignedIdentities?: Readonly<Record<string, unknown>>;
}

/** A resource that may have an identity of its own. */
export interface Identifiable {
  readonly identity?: ResourceIdentity;
}

/** Who may reach the publish endpoint of a resource, and how. */
export interface PublisherAccess {
  /** Keys and shared access signatures are refused. */
  readonly disableLocalAuth?: boolean;
  /** `Enabled` unless set. */
  readonly publicNetworkAccess?: "Enabled" | "Disabled";
  /** When given and not empty, only these addresses may publish. */
  readonly inboundIpRules?: readonly InboundIpRule[];
  /** Kept and shown; what TLS version is taken is the listener's. */
  readonly minimumTlsVersionAllowed?: "1.0" | "1.1" | "1.2";
}

/** One allowed range: an address, or CIDR. */
export interface InboundIpRule {
  readonly ipMask: string;
  readonly action?: "Allow";
}

/** The description that a partner gives of its events. */
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

/** A resource as a caller asks for it: keys that are not given are kept, or generated. */
export type Desired<Wanted> = Wanted extends Keyed
  ? Omit<Wanted, "uid" | "keys"> & { readonly keys?: Partial<AccessKeys> }
  : Omit<Wanted, "uid">;
