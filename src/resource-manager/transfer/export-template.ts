import { baseUrlOf } from "../../core/destinations/destination-facts.ts";
import { asText, isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { dependencyRank, kindNamed } from "../../core/kinds/index.ts";
import { resourceGroupId, resourceKey, type ResourceScope } from "../../core/resources/resource-id.ts";
import {
  endpointTypeOf,
  isAzures,
  ownMembers,
  ringmainDeadLetters,
  writtenSubscription,
} from "./export-subscription.ts";
import { Identifiers } from "./identifiers.ts";
import { authorizedPartners, withPartnerConfiguration } from "./partner-authorization.ts";
import {
  holdsSecret,
  resourcesOfType,
  type ExportOptions,
  type RunningResource,
  type RunningResources,
  type RunningSubscription,
} from "./running-resources.ts";
import {
  Expression,
  idsIn,
  isReference,
  ParameterReference,
  ResourceReference,
  type ExportedTemplate,
  type TemplateObject,
  type TemplateParameter,
  type TemplateResource,
  type TemplateValue,
} from "./template-value.ts";
import { armTypeNamed } from "../resource-types.ts";
import type { ExportForm } from "../wire/arm-type.ts";
import { writableEnvelope, writableProperties } from "./writable.ts";

const EVENT_GRID_VERSION = "2025-02-15";
const STORAGE_VERSION = "2023-01-01";
const SUBSCRIPTIONS = "Microsoft.EventGrid/eventSubscriptions";
const CONFIGURATIONS = "Microsoft.EventGrid/partnerConfigurations";
const LOCAL = "local";

/**
 * Exports all resources of a resource group as a template that can be deployed to any resource group, on Azure or on a
 * Ringmain. Secrets become parameters. Features that only Ringmain has are omitted, with warnings.
 */
export function exportTemplate(running: RunningResources, options: ExportOptions): ExportedTemplate {
  return new TemplateExport(running, options).make();
}

class TemplateExport {
  readonly #running: RunningResources;
  readonly #options: ExportOptions;
  readonly #identifiers = new Identifiers(["location"]);
  readonly #parameters: TemplateParameter[] = [];
  readonly #warnings: string[] = [];
  /** References to exported resources, by resource key. */
  readonly #references = new Map<string, ResourceReference>();
  #needsLocation = false;

  constructor(running: RunningResources, options: ExportOptions) {
    this.#running = running;
    this.#options = options;
  }

  make(): ExportedTemplate {
    const resources = withPartnerConfiguration(this.#running).filter(({ type }) => exportFormOf(type) !== undefined);
    for (const { id } of resources) this.#remember(id);
    const exported = resources
      .toSorted((one, other) => dependencyRank(one) - dependencyRank(other))
      .map((each) => this.#resource(each));
    const subscriptions = this.#running.subscriptions.flatMap((each) => this.#subscription(each));
    const location: TemplateParameter = {
      name: "location",
      type: "string",
      description: "Azure region of the resources.",
      defaultValue: new Expression("resourceGroup().location"),
    };
    return {
      parameters: [...(this.#needsLocation ? [location] : []), ...this.#parameters],
      resources: [...exported, ...subscriptions],
      warnings: this.#warnings,
    };
  }

  /** Records an id as the id of a resource in the template. */
  #remember(id: string): void {
    const reference = referenceTo(id, this.#running.scope);
    if (reference !== undefined) this.#references.set(resourceKey(id), reference);
  }

  #resource({ id, type, name, location, resource }: RunningResource): TemplateResource {
    const reference = this.#references.get(resourceKey(id)) ?? new ResourceReference(type, [name]);
    const properties = this.#properties(type, resource);
    const { uniqueAmong: unique, after = [], envelope } = exportFormOf(type) ?? {};
    const needed = [...this.#references.values()].filter((each) => after.some((kind) => kind === each.type));
    return {
      id: reference,
      apiVersion: type.startsWith("Microsoft.Storage/") ? STORAGE_VERSION : EVENT_GRID_VERSION,
      ...(unique === undefined ? {} : { comment: `The name must be unique ${unique}.` }),
      dependsOn: [...idsIn(properties).filter((each) => this.#isExported(each)), ...needed],
      body: {
        ...(kindNamed(type)?.location === "inherited" ? {} : { location: this.#location(location ?? LOCAL) }),
        ...((envelope?.(resource) ?? {}) as TemplateObject),
        ...(this.#value(writableEnvelope(resource)) as TemplateObject),
        properties,
      },
    };
  }

  #properties(type: string, resource: JsonObject): TemplateObject {
    const properties = this.#value(writableProperties(type, resource)) as TemplateObject;
    const { partnerAuthorization: authorization } = properties;
    if (type !== CONFIGURATIONS) return properties;
    const exported = isJsonObject(authorization) ? authorization : {};
    return { ...properties, partnerAuthorization: authorizedPartners(this.#running, exported) };
  }

  #location(location: string): TemplateValue {
    if (location !== LOCAL) return location;
    this.#needsLocation = true;
    return new ParameterReference("location");
  }

  #subscription(subscription: RunningSubscription): TemplateResource[] {
    const { name } = subscription;
    const endpointType = endpointTypeOf(subscription);
    if (!isAzures(endpointType)) {
      this.#warn(`'${name}' was left out, because Azure has no destination of type ${endpointType}.`);
      return [];
    }
    const place = this.#placeOf(subscription);
    if (place === undefined) {
      this.#warn(`'${name}' was left out, because its source ${subscription.source} is not in the template.`);
      return [];
    }
    for (const member of ownMembers(subscription))
      this.#warn(`'${name}' was written without ${member}, which only Ringmain supports.`);
    const written = withoutOwnDeadLetters(writtenSubscription(subscription, this.#secretsOf(subscription)));
    const body = { properties: this.#value(written) };
    const dependsOn = [...place.dependsOn, ...idsIn(body).filter((each) => this.#isExported(each))];
    return [{ ...place, dependsOn, apiVersion: EVENT_GRID_VERSION, body }];
  }

  /** Returns a subscription's place in the template: below its topic, or as an extension of its source. */
  #placeOf({ name, source }: RunningSubscription): Omit<TemplateResource, "body" | "apiVersion"> | undefined {
    const { scope, resources } = this.#running;
    const own = this.#systemTopicOf(source) ?? this.#references.get(resourceKey(source));
    if (own !== undefined && kindNamed(own.type)?.subscribable !== true) {
      return { id: new ResourceReference(SUBSCRIPTIONS, [name]), scope: own, dependsOn: [] };
    }
    if (own !== undefined) {
      return { id: new ResourceReference(`${own.type}/eventSubscriptions`, [...own.names, name]), dependsOn: [] };
    }
    const channel = resources.find((each) => partnerTopicOfChannel(each.resource) === resourceKey(source));
    const reference = channel && this.#references.get(resourceKey(channel.id));
    const partnerTopic = referenceTo(source, scope);
    if (reference !== undefined && partnerTopic !== undefined) {
      const [topic = ""] = partnerTopic.names;
      this.#warn(`The partner topic '${topic}' is created with its channel. Activate it to deliver events.`);
      const type = "Microsoft.EventGrid/partnerTopics/eventSubscriptions";
      return { id: new ResourceReference(type, [topic, name]), dependsOn: [reference] };
    }
    const isGroup = resourceKey(source) === resourceKey(resourceGroupId(scope));
    return isGroup ? { id: new ResourceReference(SUBSCRIPTIONS, [name]), dependsOn: [] } : undefined;
  }

  #systemTopicOf(source: string): ResourceReference | undefined {
    const systemTopics = resourcesOfType(this.#running, "Microsoft.EventGrid/systemTopics");
    const found = systemTopics.find(({ resource }) => {
      const properties = resource["properties"];
      const own = isJsonObject(properties) ? properties["source"] : undefined;
      return resourceKey(asText(own)) === resourceKey(source);
    });
    return found && this.#references.get(resourceKey(found.id));
  }

  #secretsOf({ name }: RunningSubscription): Parameters<typeof writtenSubscription>[1] {
    return {
      url: (url) => {
        if (!url.startsWith("https:"))
          this.#warn(`'${name}' delivers to ${baseUrlOf(url)}, but Azure accepts only https.`);
        if (!holdsSecret(url)) return url;
        return this.#secret(name, "EndpointUrl", `Endpoint URL of the event subscription '${name}'.`, url);
      },
      attribute: (attribute, value) => {
        const description = `Value of the delivery attribute '${attribute}' of the event subscription '${name}'.`;
        return this.#secret(`${name}-${attribute}`, "Value", description, value);
      },
    };
  }

  #secret(words: string, suffix: string, description: string, value: string | undefined): ParameterReference {
    const name = this.#identifiers.make(words, suffix);
    const known = this.#options.includeSecrets && value !== undefined ? { defaultValue: value } : {};
    this.#parameters.push({ name, type: "securestring", description, ...known });
    return new ParameterReference(name);
  }

  /** Returns a value in which ids of this Azure subscription are computed at deployment. */
  #value(value: JsonValue | TemplateValue): TemplateValue {
    if (typeof value === "string") return this.#text(value);
    if (Array.isArray(value)) return (value as JsonArray).map((item) => this.#value(item));
    if (typeof value !== "object" || value === null || isReference(value)) return value as TemplateValue;
    const members = Object.entries(value as JsonObject).map(([name, member]) => [
      name,
      this.#member(name, member ?? null),
    ]);
    return Object.fromEntries(members) as TemplateObject;
  }

  /** Returns the value of a member. Two members together locate a partner topic, and are computed at deployment. */
  #member(name: string, value: JsonValue): TemplateValue {
    const { subscriptionId, resourceGroup } = this.#running.scope;
    if (name === "azureSubscriptionId" && value === subscriptionId)
      return new Expression("subscription().subscriptionId");
    if (name === "resourceGroupName" && value === resourceGroup) return new Expression("resourceGroup().name");
    return this.#value(value);
  }

  #text(text: string): TemplateValue {
    const { scope } = this.#running;
    const key = resourceKey(text);
    if (key === resourceKey(resourceGroupId(scope))) return new Expression("resourceGroup().id");
    if (key === resourceKey(`/subscriptions/${scope.subscriptionId}`)) return new Expression("subscription().id");
    return this.#references.get(key) ?? referenceTo(text, scope) ?? text;
  }

  #isExported({ key }: ResourceReference): boolean {
    return [...this.#references.values()].some((each) => each.key === key);
  }

  #warn(warning: string): void {
    if (!this.#warnings.includes(warning)) this.#warnings.push(warning);
  }
}

function exportFormOf(type: string): ExportForm | undefined {
  return armTypeNamed(type)?.exported;
}

const ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/((?:[^/]+\/[^/]+\/)*[^/]+\/[^/]+)$/i;

/** Returns a reference for an id in this Azure subscription; `undefined` for others and for ids of extensions. */
function referenceTo(id: string, { subscriptionId, resourceGroup }: ResourceScope): ResourceReference | undefined {
  const [, subscription, group = "", provider = "", path = ""] = ID.exec(id) ?? [];
  if (subscription?.toLowerCase() !== subscriptionId.toLowerCase() || /\/providers\//i.test(path)) return undefined;
  const words = path.split("/");
  const types = words.filter((_, index) => index % 2 === 0);
  const names = words.filter((_, index) => index % 2 === 1);
  const isOwn = group.toLowerCase() === resourceGroup.toLowerCase();
  return new ResourceReference([provider, ...types].join("/"), names, isOwn ? undefined : group);
}

function partnerTopicOfChannel({ properties }: JsonObject): string | undefined {
  const info = isJsonObject(properties) ? properties["partnerTopicInfo"] : undefined;
  if (!isJsonObject(info)) return undefined;
  const { azureSubscriptionId, resourceGroupName, name } = info;
  const group = `/subscriptions/${asText(azureSubscriptionId)}/resourceGroups/${asText(resourceGroupName)}`;
  return resourceKey(`${group}/providers/Microsoft.EventGrid/partnerTopics/${asText(name)}`);
}

/** Returns a subscription without a dead-letter destination that Azure does not support. */
function withoutOwnDeadLetters(subscription: TemplateObject): TemplateObject {
  const { deadLetterDestination: dead, ...rest } = subscription;
  if (!isJsonObject(dead) || ringmainDeadLetters(dead["endpointType"]) !== undefined) return rest;
  return { ...rest, deadLetterDestination: dead };
}
