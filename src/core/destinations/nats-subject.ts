import { invalid, quote, type ResourceProblem } from "../rules/problem.ts";
import { RINGMAIN_KIND, type DestinationKind } from "./destination-kind.ts";

/** Properties of a NATS destination. */
export interface NatsSubjectProperties {
  /** Name of a connection in the configuration (`nats://…`). */
  readonly connection: string;
  readonly subject: string;
  /**
   * Whether a delivery succeeds only when a JetStream stream has stored the event. Otherwise it succeeds when the
   * server has received the event.
   */
  readonly jetStream?: boolean;
}

/** Matches subjects to publish to: tokens separated by dots, without wildcards. */
const SUBJECT = /^(?=.{1,255}$)[^\s.*>]+(?:\.[^\s.*>]+)*$/;

/** Destination: a subject of NATS servers. Source: [EG-NATS-SUBJECT] */
export const NATS_SUBJECT: DestinationKind<NatsSubjectProperties> = {
  ...RINGMAIN_KIND,
  called: "a NATS subject",
  properties: {
    connection: { form: "text", required: true, description: "Name of an entry of 'connections' with a nats:// URL." },
    subject: { form: "text", required: true },
    jetStream: {
      form: "flag",
      description: "Whether a delivery succeeds only when a JetStream stream has stored the event.",
    },
  },
  lookUp: { lists: ["connections"], property: "connection" },
  rules: (properties, { field }) => natsRules(properties, field),
  endpoint: {
    words: "<connection>/<NATS subject>",
    read: (text) => {
      const [connection = "", subject = ""] = text.split("/", 2);
      return { connection, subject };
    },
    shownBy: ["subject"],
  },
};

function natsRules({ connection, subject }: NatsSubjectProperties, field: string): readonly ResourceProblem[] {
  const problems: ResourceProblem[] = [];
  if (typeof connection !== "string" || connection === "") {
    problems.push(invalid(`${field}.connection`, "A NATS subject needs the name of a connection."));
  }
  if (typeof subject !== "string" || !SUBJECT.test(subject)) {
    const message = `${quote(subject)} is no NATS subject to publish to: up to 255 characters, no white space or wildcards.`;
    problems.push(invalid(`${field}.subject`, message));
  }
  return problems;
}
