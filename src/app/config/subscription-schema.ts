import { z } from "zod";
import { operatorsTaking } from "../../core/filter/operators.ts";
import { deadLetterDestination, destination } from "./destination-schema.ts";

/** Event subscriptions of a configuration file: the name, and the properties that Resource Manager has in `properties`. */

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

/** An event subscription of any source. */
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
/** Event subscriptions, each with one destination. */
export const subscriptions = z
  .array(
    subscription
      .refine(
        (given) => (given.destination === undefined) !== (given.deliveryWithResourceIdentity === undefined),
        "needs either 'destination' or 'deliveryWithResourceIdentity'",
      )
      .refine(
        (given) => given.deadLetterDestination === undefined || given.deadLetterWithResourceIdentity === undefined,
        "takes 'deadLetterDestination' or 'deadLetterWithResourceIdentity', not both",
      )
      // With an id, the JSON Schema has one definition of subscriptions, and references elsewhere.
      .meta({ id: "EventSubscription" }),
  )
  .optional();
