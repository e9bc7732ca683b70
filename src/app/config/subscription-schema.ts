import { z } from "zod";
import { operatorsTaking } from "../../core/filter/operators.ts";
import { deadLetterDestination, destination } from "./destination-schema.ts";

/**
 * Schemas of event subscriptions in a configuration file: the name, with the members of Resource Manager's
 * `properties`.
 */

const advancedFilter = z.discriminatedUnion("operatorType", [
  z.strictObject({
    operatorType: z.enum(operatorsTaking("number", "boolean")),
    key: z.string(),
    value: z.union([z.number(), z.boolean()]).describe("Value that the field is compared with."),
  }),
  z.strictObject({
    operatorType: z.enum(operatorsTaking("numbers", "ranges", "strings")),
    key: z.string(),
    values: z.array(z.union([z.string(), z.number(), z.tuple([z.number(), z.number()])])),
  }),
  z.strictObject({ operatorType: z.enum(operatorsTaking("none")), key: z.string() }),
]);

const filter = z
  .strictObject({
    includedEventTypes: z
      .array(z.string())
      .optional()
      .describe(
        "Event types to deliver. Unless set, all types; for an Azure resource, the default set of its topic type.",
      ),
    subjectBeginsWith: z.string().optional(),
    subjectEndsWith: z.string().optional(),
    isSubjectCaseSensitive: z.boolean().optional().describe("Unless set, false."),
    enableAdvancedFilteringOnArrays: z.boolean().optional().describe("Whether advanced filters look into arrays."),
    advancedFilters: z
      .array(advancedFilter)
      .optional()
      .describe("All filters must match. At most 25 filters, with 25 values in total."),
  })
  .describe("Selects the events to deliver: all conditions must match.");

const subscriptionIdentity = z
  .strictObject({
    type: z.enum(["SystemAssigned", "UserAssigned"]),
    userAssignedIdentity: z.string().optional().describe("ARM id."),
  })
  .describe("The identity of the topic to use.");

/** Schema of an event subscription to any source. */
export const subscription = z.strictObject({
  name: z.string(),
  destination: destination
    .optional()
    .describe("Destination of the events. Set either this or 'deliveryWithResourceIdentity'."),
  deliveryWithResourceIdentity: z
    .strictObject({ identity: subscriptionIdentity, destination })
    .optional()
    .describe("Destination of the events, with the managed identity to deliver as."),
  filter: filter.optional(),
  retryPolicy: z
    .strictObject({
      maxDeliveryAttempts: z.number().optional().describe("1 to 30. Unless set, 30."),
      eventTimeToLiveInMinutes: z.number().optional().describe("1 to 1440. Unless set, 1440."),
    })
    .optional(),
  deadLetterDestination: deadLetterDestination
    .optional()
    .describe("Destination of events that cannot be delivered. Unless set, Ringmain drops them."),
  deadLetterWithResourceIdentity: z
    .strictObject({ identity: subscriptionIdentity, deadLetterDestination })
    .optional()
    .describe("Dead-letter destination with the managed identity to use, instead of 'deadLetterDestination'."),
  eventDeliverySchema: z.enum(["EventGridSchema", "CloudEventSchemaV1_0", "CustomInputSchema"]).optional(),
  expirationTimeUtc: z.string().optional().describe("Time after which the subscription receives no events, ISO 8601."),
  labels: z.array(z.string()).optional(),
});

/** Schema of a list of event subscriptions, each with one destination. */
export const subscriptions = z
  .array(
    subscription
      .refine(
        (value) => (value.destination === undefined) !== (value.deliveryWithResourceIdentity === undefined),
        "needs either 'destination' or 'deliveryWithResourceIdentity'",
      )
      .refine(
        (value) => value.deadLetterDestination === undefined || value.deadLetterWithResourceIdentity === undefined,
        "takes 'deadLetterDestination' or 'deadLetterWithResourceIdentity', not both",
      )
      // The id makes the JSON Schema define subscriptions once and refer to that definition.
      .meta({ id: "EventSubscription" }),
  )
  .optional();
