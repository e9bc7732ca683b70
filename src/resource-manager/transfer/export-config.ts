import { asText, isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { ResourceType } from "../../core/resources/resources.ts";
import { hiddenMembers, membersNotInFile, writtenSubscription, type SecretWriter } from "./export-subscription.ts";
import {
  holdsSecret,
  resourcesOfType,
  withoutSecret,
  type ExportOptions,
  type RunningResource,
  type RunningResources,
  type RunningSubscription,
} from "./running-resources.ts";
import { writableEnvelope, writableProperties } from "./writable.ts";

/** Content of a configuration file, with warnings about omissions. */
export interface ExportedConfig {
  readonly config: JsonObject;
  readonly warnings: readonly string[];
}

const TOPICS = "Microsoft.EventGrid/topics";
const DOMAINS = "Microsoft.EventGrid/domains";
const DOMAIN_TOPICS = "Microsoft.EventGrid/domains/topics";
const SYSTEM_TOPICS = "Microsoft.EventGrid/systemTopics";
const REGISTRATIONS = "Microsoft.EventGrid/partnerRegistrations";
const CONFIGURATIONS = "Microsoft.EventGrid/partnerConfigurations";
const NAMESPACES = "Microsoft.EventGrid/partnerNamespaces";
const CHANNELS = "Microsoft.EventGrid/partnerNamespaces/channels";
const PARTNER_TOPICS = "Microsoft.EventGrid/partnerTopics";
const ACCOUNTS = "Microsoft.Storage/storageAccounts";

/** Members of resources that a configuration file cannot contain. */
const NOT_IN_FILE = ["dataResidencyBoundary", "eventTypeInfo", "minimumTlsVersionAllowed"];

/**
 * Exports all resources of a resource group as a configuration file. Access keys and other secrets are included only if
 * the options say so.
 */
export function exportConfig(running: RunningResources, options: ExportOptions): ExportedConfig {
  return new ConfigExport(running, options).make();
}

class ConfigExport {
  readonly #running: RunningResources;
  readonly #options: ExportOptions;
  readonly #warnings: string[] = [];
  readonly #exported = new Set<RunningSubscription>();

  constructor(running: RunningResources, options: ExportOptions) {
    this.#running = running;
    this.#options = options;
  }

  make(): ExportedConfig {
    const sections: Readonly<Record<string, readonly JsonObject[]>> = {
      topics: this.#of(TOPICS).map((each) => this.#keyed(each)),
      domains: this.#of(DOMAINS).map((each) => this.#domain(each)),
      partnerNamespaces: this.#of(NAMESPACES).map((each) => this.#namespace(each)),
      storageAccounts: this.#of(ACCOUNTS).map((each) => this.#account(each)),
      systemTopics: this.#of(SYSTEM_TOPICS)
        .filter((each) => !this.#belongsToAccount(each))
        .map((each) => this.#systemTopic(each)),
    };
    const known = Object.entries(sections).filter(([, items]) => items.length > 0);
    // Storage accounts need an Azurite. Its settings cannot be read here, so the file uses the default.
    const azurite = this.#of(ACCOUNTS).length > 0 ? { azurite: true } : {};
    const config: JsonObject = { ...azurite, ...Object.fromEntries(known) };
    this.#warnOfTheRest();
    return { config, warnings: this.#warnings };
  }

  #of(type: ResourceType): readonly RunningResource[] {
    return resourcesOfType(this.#running, type);
  }

  /** Returns the members that topics and domains have in common. */
  #keyed(resource: RunningResource): JsonObject {
    const { name, type, keys } = resource;
    const { tags, identity } = writableEnvelope(resource.resource);
    const properties = writableProperties(type, resource.resource);
    if (tags !== undefined) this.#warnings.push(`A configuration file cannot contain the tags of '${name}'.`);
    for (const member of NOT_IN_FILE) {
      if (properties[member] !== undefined)
        this.#warnings.push(`A configuration file cannot contain '${member}' of '${name}'.`);
    }
    const known = Object.entries(properties).filter(([member]) => !NOT_IN_FILE.includes(member));
    return {
      name,
      ...Object.fromEntries(known),
      ...(identity === undefined ? {} : { identity }),
      ...(this.#options.includeSecrets ? keys : {}),
      ...this.#subscriptionsTo(resource.id),
    };
  }

  #domain(domain: RunningResource): JsonObject {
    const topics = this.#of(DOMAIN_TOPICS)
      .filter(({ id }) => isBelow(id, domain.id))
      .map(({ id, name }) => ({ name, ...this.#subscriptionsTo(id) }));
    return { ...this.#keyed(domain), ...(topics.length === 0 ? {} : { topics }) };
  }

  /** Returns a partner namespace. A configuration file implies its registration and partner topics. */
  #namespace(namespace: RunningResource): JsonObject {
    const { partnerRegistrationFullyQualifiedId: _registration, ...rest } = this.#keyed(namespace);
    const channels = this.#of(CHANNELS)
      .filter(({ id }) => isBelow(id, namespace.id))
      .map(({ name, resource }) => this.#channel(name, resource));
    return { ...rest, ...(channels.length === 0 ? {} : { channels }) };
  }

  #channel(name: string, { properties }: JsonObject): JsonObject {
    const info =
      isJsonObject(properties) && isJsonObject(properties["partnerTopicInfo"]) ? properties["partnerTopicInfo"] : {};
    const { source = "", name: topic = name } = info;
    const partnerTopic = this.#of(PARTNER_TOPICS).find((each) => resourceKey(each.name) === resourceKey(asText(topic)));
    return {
      name,
      source,
      ...(topic === name ? {} : { partnerTopicName: topic }),
      ...(partnerTopic === undefined ? {} : this.#subscriptionsTo(partnerTopic.id)),
    };
  }

  #account({ id, name, keys }: RunningResource): JsonObject {
    const key = this.#options.includeSecrets ? keys?.key1 : undefined;
    // The key of the emulator's own account is public.
    if (key === undefined && name !== "devstoreaccount1") {
      this.#warnings.push(
        `The storage account '${name}' was written without its key, which it needs. Use --include-secrets to write it.`,
      );
    }
    return { name, ...(key === undefined ? {} : { key }), ...this.#subscriptionsTo(id) };
  }

  #systemTopic({ name, resource }: RunningResource): JsonObject {
    const { topicType = "", source = "" } = writableProperties(SYSTEM_TOPICS, resource);
    return { name, topicType, source, ...this.#subscriptionsTo(asText(source)) };
  }

  /** Returns whether a system topic's source is an exported account, which implies the system topic. */
  #belongsToAccount({ resource }: RunningResource): boolean {
    const { source = "" } = writableProperties(SYSTEM_TOPICS, resource);
    return this.#of(ACCOUNTS).some(({ id }) => resourceKey(id) === resourceKey(asText(source)));
  }

  #subscriptionsTo(source: string): { readonly subscriptions?: readonly JsonObject[] } {
    const found = this.#running.subscriptions.filter(
      (each) => !this.#exported.has(each) && resourceKey(each.source) === resourceKey(source),
    );
    for (const each of found) this.#exported.add(each);
    return found.length === 0 ? {} : { subscriptions: found.map((each) => this.#subscription(each)) };
  }

  #subscription(subscription: RunningSubscription): JsonObject {
    const { name } = subscription;
    const written = writtenSubscription(subscription, this.#secretsOf(name)) as JsonObject;
    for (const member of hiddenMembers(subscription)) {
      this.#warnings.push(`'${name}' was written without its '${member}', which cannot be read. Add it to the file.`);
    }
    return { name, ...(withoutMembers(written, membersNotInFile(subscription)) as JsonObject) };
  }

  #secretsOf(name: string): SecretWriter {
    const { includeSecrets } = this.#options;
    const all = "--include-secrets writes it";
    return {
      url: (url) => {
        if (includeSecrets || !holdsSecret(url)) return url;
        this.#warnings.push(`The endpoint URL of '${name}' is written without its query and user: ${all}.`);
        return withoutSecret(url);
      },
      attribute: (attribute, value) => {
        if (includeSecrets && value !== undefined) return value;
        this.#warnings.push(`'${name}' is written without its secret delivery attribute '${attribute}': ${all}.`);
        return undefined;
      },
    };
  }

  #warnOfTheRest(): void {
    const namespaces = new Set(this.#of(NAMESPACES).map(({ name }) => name.toLowerCase()));
    const registrations = this.#of(REGISTRATIONS).filter(({ name }) => !namespaces.has(name.toLowerCase()));
    for (const { name, type } of [...registrations, ...this.#of(CONFIGURATIONS)]) {
      this.#warnings.push(`A configuration file cannot contain '${name}' (${type}).`);
    }
    for (const each of this.#running.subscriptions) {
      if (this.#exported.has(each)) continue;
      this.#warnings.push(`'${each.name}' was left out, because its source ${each.source} is not in the file.`);
    }
  }
}

function isBelow(id: string, parent: string): boolean {
  return resourceKey(id).startsWith(`${resourceKey(parent)}/`);
}

/** Returns a value without the members with these names, at any depth. */
function withoutMembers(value: JsonValue, names: readonly string[]): JsonValue {
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([member]) => !names.includes(member));
  return Object.fromEntries(members.map(([member, inner]) => [member, withoutMembers(inner ?? null, names)]));
}
