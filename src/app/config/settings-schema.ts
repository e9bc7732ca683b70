import { z } from "zod";

/** Settings that name a file or a folder. What a file says is relative to it, what is typed to where that is. */
export const PATH_SETTINGS: readonly string[] = [
  "data",
  "tls.certificate",
  "tls.key",
  "tls.folder",
  "diagnostics.file",
];

/** Whether a text can be a path: neither blank, nor an address, nor with the shell's `~`, which is not expanded here. */
export function isPath(text: string): boolean {
  return /\S/.test(text) && !/^(?:~|\w+:\/\/)/.test(text);
}

const path = (): z.ZodString => z.string().refine(isPath, "must be a path, without '~' or an address in front");

/** A key that clients send as a bearer token: what one client can put into a header, every client can. */
const bearerKey = (): z.ZodString =>
  z
    .string()
    .min(16)
    .regex(
      /^[\x21-\x7e]*$/,
      "must be visible ASCII characters without spaces: it is sent as 'Authorization: Bearer <key>'",
    );

/**
 * What may be set by file, environment and flag alike. The name of a setting's environment variable follows from its
 * place: `delivery.timeoutSeconds` is `RINGMAIN_DELIVERY_TIMEOUT_SECONDS`.
 */
export const settingsShape = {
  host: z.string().default("127.0.0.1").describe("Address to listen on."),
  port: z.number().int().min(0).max(65_535).default(6500).describe("Port to listen on; 0 takes any free one."),
  data: path().default("./.ringmain").describe("Folder of the durable store."),
  store: z
    .string()
    .regex(/^(nats|tls):\/\//, "must begin with nats:// or tls://")
    .optional()
    .describe(
      "nats://[user:password@]host:port[,host:port][?replicas=3&name=ringmain]: a NATS JetStream cluster that several " +
        "Ringmains share, instead of the data folder.",
    ),
  configName: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional()
    .describe(
      "Whose the declared topics and subscriptions are, where Ringmains with different files share one store: each " +
        "takes away only what was declared under its own name.",
    ),
  memory: z.boolean().default(false).describe("Keep everything in memory: nothing survives the process."),
  mode: z
    .enum(["dev", "production"])
    .default("dev")
    .describe(
      "production enforces handshakes, closes management to who has no credential, and refuses private addresses.",
    ),
  adminKey: bearerKey()
    .optional()
    .describe(
      "Bearer token that opens management, from anywhere; at least 16 visible ASCII characters, no spaces. Needed in production and in containers.",
    ),
  tls: z
    .strictObject({
      certificate: path()
        .optional()
        .describe(
          "File with the certificate for HTTPS, PEM, those of its issuers behind it; Ringmain makes its own unless set.",
        ),
      key: path().optional().describe("File with the certificate's private key, PEM, without passphrase."),
      folder: path()
        .optional()
        .describe("Where Ringmain keeps the authority and certificate it makes; a folder of the user's unless set."),
      names: z
        .array(z.string().regex(/^[A-Za-z0-9.:*-]{1,253}$/, "must be host names or IP addresses"))
        .default([])
        .describe("Further host names and addresses that Ringmain is reached by."),
    })
    .prefault({})
    .describe("HTTPS, on the same port as HTTP."),
  identity: z
    .strictObject({
      issuers: z
        .array(z.url({ protocol: /^https?$/ }))
        .default([])
        .describe(
          "Whose access tokens are taken, by the 'iss' in them, for example https://login.microsoftonline.com/<tenant>/v2.0.",
        ),
      audiences: z
        .array(z.string().min(1))
        .default(["https://eventgrid.azure.net"])
        .describe("Whom publishers' tokens must be for: one of these."),
      delivery: z
        .strictObject({
          authority: z
            .url({ protocol: /^https?$/ })
            .optional()
            .describe(
              "Where tokens for webhooks come from, for example https://login.microsoftonline.com; Ringmain itself unless set.",
            ),
          clientId: z.string().min(1).optional().describe("The application that deliveries are made as."),
          clientSecret: z.string().min(1).optional().describe("Its secret."),
        })
        .prefault({})
        .describe("Who Ringmain is to webhooks that ask for a token."),
    })
    .prefault({})
    .describe("Access tokens of Microsoft Entra."),
  azurite: z.boolean().default(false).describe("Run Azurite and stand in front of its blob port."),
  azuriteUrl: z
    .url({ protocol: /^http$/ })
    .optional()
    .describe("Blob endpoint of an Azurite that runs already, for example http://127.0.0.1:10000."),
  limits: z
    .enum(["azure", "relaxed"])
    .default("azure")
    .describe(
      "relaxed raises Azure's limits on numbers and lengths of resources, and lifts that on what a topic takes in a second.",
    ),
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least important lines to log."),
  delivery: z
    .strictObject({
      timeoutSeconds: z.number().min(1).max(300).default(30).describe("An endpoint must have answered by then."),
      attempts: z.number().int().min(1).max(10_000).default(256).describe("Attempts under way in all."),
      attemptsPerSubscription: z
        .number()
        .int()
        .min(1)
        .max(1_000)
        .default(32)
        .describe("Attempts under way for one subscription."),
      schedule: z
        .enum(["azure", "short"])
        .optional()
        .describe(
          "How long retries and dead letters wait: azure is Azure's schedule, from 10 seconds to 12 hours; short waits at most 10 seconds. Unless set, short in dev mode and azure in production.",
        ),
      deadLetterDelaySeconds: z
        .number()
        .min(0)
        .max(86_400)
        .optional()
        .describe(
          "From the last attempt to the dead letter; 300 by Azure's schedule and 1 by the short one unless set.",
        ),
      maxProbationSeconds: z
        .number()
        .min(0)
        .max(86_400)
        .optional()
        .describe(
          "An endpoint that failed ten times in a row is left alone for a time that depends on the failure, and for no longer than this; 600 by Azure's schedule and 10 by the short one unless set, 0 for never.",
        ),
      retryForbidden: z
        .boolean()
        .default(true)
        .describe("Try again after a 403, as Azure was seen to do; false gives up at once, as one of its tables says."),
      allowedHosts: z
        .array(z.string())
        .default([])
        .describe("Hosts that production mode delivers to although their addresses are private."),
      queueMessageEncoding: z
        .enum(["base64", "text"])
        .default("base64")
        .describe("How a StorageQueue's message holds the event's JSON; base64 as Azure's does."),
      eventHubBody: z
        .enum(["array", "object"])
        .default("array")
        .describe("How an event hub's message holds an event that is no CloudEvent."),
    })
    .prefault({})
    .describe("How events are delivered."),
  server: z
    .strictObject({
      maxWaitingDeliveries: z
        .number()
        .int()
        .min(0)
        .max(1_000_000_000)
        .default(0)
        .describe("With so many waiting, publishers get 503 and come back later; 0 is no limit."),
      connections: z.number().int().min(1).max(1_000_000).default(10_000).describe("Connections at one time."),
      bodyMegabytesInFlight: z
        .number()
        .int()
        .min(2)
        .max(65_536)
        .default(256)
        .describe("Request bodies in memory at one time."),
      requestTimeoutSeconds: z.number().min(1).max(3_600).default(60).describe("A request must have arrived by then."),
      stopSeconds: z.number().min(0).max(3_600).default(10).describe("How long stopping waits for what is under way."),
    })
    .prefault({})
    .describe("Bounds on what clients may ask of the server."),
  metrics: z
    .strictObject({
      key: bearerKey()
        .optional()
        .describe(
          "Bearer token that GET /metrics asks for in place of adminKey; at least 16 visible ASCII characters, no spaces.",
        ),
    })
    .prefault({})
    .describe("What Prometheus may read."),
  diagnostics: z
    .strictObject({
      file: path()
        .optional()
        .describe("Azure's diagnostic logs as JSON lines: a file, or - for standard output. Off unless set."),
      maxMegabytes: z
        .number()
        .min(1)
        .max(100_000)
        .default(50)
        .describe("Before it is larger, the file becomes <file>.1, in place of the one before."),
    })
    .prefault({})
    .describe("Failed deliveries, refused publish requests and who published, in Azure's form."),
};
