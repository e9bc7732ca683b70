import { z } from "zod";
import { BUILT_IN_ROLES } from "../../core/built-in-roles.ts";

/** What a configuration file says of those that Ringmain works with: applications, partners, namespaces. */

/** A function app that AzureFunction destinations name. */
export const functionApp = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9-]{1,60}$/, "must be 1 to 60 letters, digits and hyphens"),
    path: z.string().optional().describe("Folder of an @azure/functions application to host, relative to this file."),
    url: z
      .string()
      .optional()
      .describe("Address of a functions host that runs already, for example http://localhost:7071."),
    code: z
      .string()
      .min(1)
      .optional()
      .describe(
        "With 'url', the host's eventgrid_extension system key, if it asks for one. With 'path', the key that callers of " +
          "the application show for functions and webhooks; in production mode one is made, known to Ringmain alone, " +
          "unless set. May be ${NAME}.",
      ),
    settings: z
      .record(z.string().regex(/^[^=\0]+$/, "must be names of environment variables"), z.string())
      .optional()
      .describe(
        "Of an application that is hosted by 'path': further environment variables, which in production mode it gets no " +
          "other way. Values may be ${NAME}.",
      ),
  })
  .refine(({ path, url }) => (path === undefined) !== (url === undefined), "needs either 'path' or 'url'")
  .refine(({ path, settings }) => path !== undefined || settings === undefined, "takes 'settings' with 'path' only");

/** Somebody has a role on something. */
export const roleAssignment = z.strictObject({
  principalId: z.string().min(1).describe("Object id of a service principal, an identity, a user or a group."),
  role: z
    .enum(BUILT_IN_ROLES.filter(({ actions }) => actions.length > 0).map(({ name }) => name))
    .describe("What the principal may do with events, or by Resource Manager in production."),
  scope: z.string().startsWith("/").optional().describe("ARM id of what the role is for; everything unless set."),
});

/** An application that tokens are issued to. */
export const client = z.strictObject({
  clientId: z.string().min(1).max(128),
  clientSecret: z
    .string()
    .min(1)
    .describe("What the application proves itself with; ${NAME} takes it from the environment."),
  objectId: z
    .string()
    .min(1)
    .optional()
    .describe("Object id of its service principal; its client id unless set, if that is a GUID."),
  roles: z.array(z.string().min(1)).optional().describe("Roles that its tokens name; none unless set."),
});

/** How a destination reaches what it names. */
export const connection = z.strictObject({
  name: z.string().min(1).describe("Of the namespace or account, as it stands in resource ids."),
  connectionString: z
    .string()
    .min(1)
    .describe("As Azure shows it, or nats://…; ${NAME} takes it from the environment."),
});

/** A partner's system. */
export const partnerDestination = z.strictObject({
  name: z.string().min(1),
  endpointUrl: z.url({ protocol: /^https?$/ }).describe("Where the partner takes events; query included."),
  activationState: z
    .enum(["NeverActivated", "Activated"])
    .default("NeverActivated")
    .describe("Nothing is delivered before it is Activated."),
});
