import { z } from "zod";
import { BUILT_IN_ROLES } from "../../core/built-in-roles.ts";

/** Schemas of the applications, partner systems and connections in a configuration file. */

/** A function app that AzureFunction destinations refer to. */
export const functionApp = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9-]{1,60}$/, "must be 1 to 60 letters, digits and hyphens"),
    path: z.string().optional().describe("Folder of the @azure/functions application to host, relative to this file."),
    url: z
      .string()
      .optional()
      .describe("Address of a functions host that is already running, for example http://localhost:7071."),
    code: z
      .string()
      .min(1)
      .optional()
      .describe(
        "With 'url', the eventgrid_extension system key of the host, if it requires one. With 'path', the key that callers " +
          "need for functions and webhooks; unless set, in production mode only Ringmain itself can call them. " +
          "${NAME} takes the value of an environment variable.",
      ),
    settings: z
      .record(z.string().regex(/^[^=\0]+$/, "must be names of environment variables"), z.string())
      .optional()
      .describe(
        "With 'path', additional environment variables of the application. In production mode it gets no other variables " +
          "of yours. ${NAME} takes the value of an environment variable of Ringmain.",
      ),
  })
  .refine(({ path, url }) => (path === undefined) !== (url === undefined), "needs either 'path' or 'url'")
  .refine(({ path, settings }) => path !== undefined || settings === undefined, "takes 'settings' with 'path' only");

/** The assignment of a role to a principal, for a scope. */
export const roleAssignment = z.strictObject({
  principalId: z.string().min(1).describe("Object id of a service principal, a managed identity, a user or a group."),
  role: z
    .enum(BUILT_IN_ROLES.filter(({ actions }) => actions.length > 0).map(({ name }) => name))
    .describe("The role: what the principal may do with events, and in production with resources."),
  scope: z
    .string()
    .startsWith("/")
    .optional()
    .describe("ARM id of the scope that the role applies to. Unless set, everything."),
});

/** An application that Ringmain issues tokens to. */
export const client = z.strictObject({
  clientId: z.string().min(1).max(128),
  clientSecret: z
    .string()
    .min(1)
    .describe("Secret of the application. ${NAME} takes the value of an environment variable."),
  objectId: z
    .string()
    .min(1)
    .optional()
    .describe("Object id of its service principal. Unless set, derived from the client id."),
  roles: z.array(z.string().min(1)).optional().describe("Roles in its tokens. Unless set, none."),
});

/** The connection string of a resource that destinations refer to. */
export const connection = z.strictObject({
  name: z.string().min(1).describe("Name of the namespace or storage account, as in resource ids."),
  connectionString: z
    .string()
    .min(1)
    .describe(
      "The connection string as Azure shows it, or nats://…. ${NAME} takes the value of an environment variable.",
    ),
});

/** A system of a partner. */
export const partnerDestination = z.strictObject({
  name: z.string().min(1),
  endpointUrl: z.url({ protocol: /^https?$/ }).describe("URL where the partner receives events, including the query."),
  activationState: z
    .enum(["NeverActivated", "Activated"])
    .default("NeverActivated")
    .describe("Events are delivered only if this is Activated."),
});
