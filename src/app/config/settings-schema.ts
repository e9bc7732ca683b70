import { z } from "zod";

/**
 * Settings that are the path of a file or folder. In the file they are relative to the file, otherwise to the working
 * folder.
 */
export const PATH_SETTINGS: readonly string[] = [
  "data",
  "tls.certificate",
  "tls.key",
  "tls.folder",
  "diagnostics.file",
];

/**
 * Returns whether a text can be a path: not blank, not a URL, and not beginning with `~`, which Ringmain does not
 * expand.
 */
export function isPath(text: string): boolean {
  return /\S/.test(text) && !/^(?:~|\w+:\/\/)/.test(text);
}

const path = (): z.ZodString =>
  z.string().refine(isPath, "must be a path that does not begin with '~' or with a URL scheme");

/** Schema of a key that clients send as a bearer token. Every client can send visible ASCII characters in a header. */
const bearerKey = (): z.ZodString =>
  z
    .string()
    .min(16)
    .regex(
      /^[\x21-\x7e]*$/,
      "must be visible ASCII characters without spaces: it is sent as 'Authorization: Bearer <key>'",
    );

/**
 * Settings that the file, the environment and flags can set. The name of a setting's environment variable follows from
 * its path: `delivery.timeoutSeconds` is `RINGMAIN_DELIVERY_TIMEOUT_SECONDS`.
 */
export const settingsShape = {
  host: z.string().default("127.0.0.1").describe("Address to listen on."),
  port: z.number().int().min(0).max(65_535).default(6500).describe("Port to listen on. 0 chooses a free port."),
  data: path().default("./.ringmain").describe("Folder of the durable store."),
  store: z
    .string()
    .regex(/^(nats|tls):\/\//, "must begin with nats:// or tls://")
    .optional()
    .describe(
      "URL of a NATS JetStream cluster, which several Ringmain nodes can share. It replaces the data folder: " +
        "nats://[user:password@]host:port[,host:port][?replicas=3&name=ringmain].",
    ),
  configName: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional()
    .describe(
      "Name of this configuration. Set it if Ringmain nodes with different files share one store: each node removes " +
        "only resources that were declared under the same name.",
    ),
  memory: z.boolean().default(false).describe("Keep everything in memory. All data is lost when the process ends."),
  mode: z
    .enum(["dev", "production"])
    .default("dev")
    .describe(
      "production enforces handshakes, requires a credential for management, and does not deliver to private addresses.",
    ),
  adminKey: bearerKey()
    .optional()
    .describe(
      "Bearer token for management from any address, at least 16 visible ASCII characters without spaces. Set it in production and in containers.",
    ),
  tls: z
    .strictObject({
      certificate: path()
        .optional()
        .describe(
          "File with the certificate for HTTPS in PEM format, followed by its issuers' certificates. Unless set, Ringmain creates a certificate.",
        ),
      key: path().optional().describe("File with the certificate's private key in PEM format, without a passphrase."),
      folder: path()
        .optional()
        .describe("Folder for the certificates that Ringmain creates. Unless set, a folder in your home folder."),
      names: z
        .array(z.string().regex(/^[A-Za-z0-9.:*-]{1,253}$/, "must be host names or IP addresses"))
        .default([])
        .describe("Additional host names and addresses of this Ringmain."),
    })
    .prefault({})
    .describe("HTTPS, on the same port as HTTP."),
  identity: z
    .strictObject({
      issuers: z
        .array(z.url({ protocol: /^https?$/ }))
        .default([])
        .describe(
          "Issuers whose access tokens Ringmain accepts, as in the token's 'iss', for example https://login.microsoftonline.com/<tenant>/v2.0.",
        ),
      audiences: z
        .array(z.string().min(1))
        .default(["https://eventgrid.azure.net"])
        .describe("Accepted audiences of publishers' tokens."),
      delivery: z
        .strictObject({
          authority: z
            .url({ protocol: /^https?$/ })
            .optional()
            .describe(
              "Authority that issues the tokens for webhooks, for example https://login.microsoftonline.com. Unless set, Ringmain issues them.",
            ),
          clientId: z.string().min(1).optional().describe("Client id of the application that Ringmain delivers as."),
          clientSecret: z.string().min(1).optional().describe("Client secret of that application."),
        })
        .prefault({})
        .describe("The identity that Ringmain presents to webhooks that require a token."),
    })
    .prefault({})
    .describe("Access tokens of Microsoft Entra."),
  azurite: z.boolean().default(false).describe("Start Azurite, and raise events for its blobs."),
  azuriteUrl: z
    .url({ protocol: /^http$/ })
    .optional()
    .describe("Blob endpoint of an Azurite that is already running, for example http://127.0.0.1:10000."),
  limits: z
    .enum(["azure", "relaxed"])
    .default("azure")
    .describe(
      "relaxed raises Azure's limits on the number and size of resources, and removes the limit on the publish rate of a topic.",
    ),
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info").describe("Lowest level that is logged."),
  delivery: z
    .strictObject({
      timeoutSeconds: z.number().min(1).max(300).default(30).describe("Time limit for an endpoint's response."),
      attempts: z
        .number()
        .int()
        .min(1)
        .max(10_000)
        .default(256)
        .describe("Maximum number of concurrent delivery attempts."),
      attemptsPerSubscription: z
        .number()
        .int()
        .min(1)
        .max(1_000)
        .default(32)
        .describe("Maximum number of concurrent delivery attempts of one subscription."),
      schedule: z
        .enum(["azure", "short"])
        .optional()
        .describe(
          "Waiting times of retries and dead letters. azure is Azure's schedule, from 10 seconds to 12 hours; short waits 10 seconds at most. Unless set, short in dev mode and azure in production.",
        ),
      deadLetterDelaySeconds: z
        .number()
        .min(0)
        .max(86_400)
        .optional()
        .describe(
          "Time from the last attempt to the dead letter. Unless set, 300 with the azure schedule and 1 with the short one.",
        ),
      maxProbationSeconds: z
        .number()
        .min(0)
        .max(86_400)
        .optional()
        .describe(
          "Maximum pause after an endpoint failed ten times in a row; how long the pause is depends on the failure. Unless set, 600 with the azure schedule and 10 with the short one. 0 disables pauses.",
        ),
      retryForbidden: z
        .boolean()
        .default(true)
        .describe(
          "Whether to retry after a 403, as Azure does in practice. false gives up at once, as one table of Azure's documentation says.",
        ),
      allowedHosts: z
        .array(z.string())
        .default([])
        .describe("Hosts with private addresses that production mode may deliver to."),
      queueMessageEncoding: z
        .enum(["base64", "text"])
        .default("base64")
        .describe("Encoding of the event in a StorageQueue message. Azure uses base64."),
      eventHubBody: z
        .enum(["array", "object"])
        .default("array")
        .describe(
          "Body of an event hub message for an event in a schema other than CloudEvents: an array of one event, or the event.",
        ),
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
        .describe("Maximum number of waiting deliveries. Beyond it, publishers get 503 and can retry. 0 is no limit."),
      connections: z
        .number()
        .int()
        .min(1)
        .max(1_000_000)
        .default(10_000)
        .describe("Maximum number of open connections."),
      bodyMegabytesInFlight: z
        .number()
        .int()
        .min(2)
        .max(65_536)
        .default(256)
        .describe("Maximum size of all request bodies in memory."),
      requestTimeoutSeconds: z.number().min(1).max(3_600).default(60).describe("Time limit for receiving a request."),
      stopSeconds: z
        .number()
        .min(0)
        .max(3_600)
        .default(10)
        .describe("Time limit for requests and deliveries that are in progress when Ringmain stops."),
    })
    .prefault({})
    .describe("Limits on the use of the server by clients."),
  metrics: z
    .strictObject({
      key: bearerKey()
        .optional()
        .describe(
          "Bearer token for GET /metrics instead of adminKey, at least 16 visible ASCII characters without spaces.",
        ),
    })
    .prefault({})
    .describe("Access for Prometheus."),
  diagnostics: z
    .strictObject({
      file: path()
        .optional()
        .describe(
          "File for Azure's diagnostic logs as JSON lines; - is standard output. Unless set, no diagnostic logs are written.",
        ),
      maxMegabytes: z
        .number()
        .min(1)
        .max(100_000)
        .default(50)
        .describe("Maximum size of the file. A full file is renamed to <file>.1 and replaces the previous one."),
    })
    .prefault({})
    .describe("Diagnostic logs in Azure's format: failed deliveries, refused publish requests, and publishers."),
};
