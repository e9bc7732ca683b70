import { invalid, isGiven, quote, type ResourceProblem } from "../rules/problem.ts";
import { AZURE_KIND, type DestinationKind } from "./destination-kind.ts";

/** Properties of an alert destination. */
export interface MonitorAlertProperties {
  readonly severity: "Sev0" | "Sev1" | "Sev2" | "Sev3" | "Sev4";
  readonly description?: string;
  /** ARM ids of action groups. The alert names them; they are not called. */
  readonly actionGroups?: readonly string[];
}

const SEVERITIES: readonly MonitorAlertProperties["severity"][] = ["Sev0", "Sev1", "Sev2", "Sev3", "Sev4"];
const KEY_VAULT = /\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i;
const MAX_ACTION_GROUPS = 5;
const MAX_DESCRIPTION_CHARS = 1_024;

/** Destination: an alert of Azure Monitor, recorded by Ringmain. Source: [EG-ALERT] */
export const MONITOR_ALERT: DestinationKind<MonitorAlertProperties> = {
  ...AZURE_KIND,
  called: "an Azure Monitor alert",
  cloudEventsOnly: true,
  properties: {
    severity: { form: "text", required: true, values: SEVERITIES },
    description: { form: "text" },
    actionGroups: {
      form: "texts",
      description: "ARM ids of action groups. The alert names them; they are not called.",
    },
  },
  rules: (properties, { field, topic }) => alertRules(properties, topic, field),
  endpoint: {
    words: "an alert's severity",
    form: "Sev0, Sev1, Sev2, Sev3 or Sev4",
    read: (text) => {
      const severity = SEVERITIES.find((each) => each.toLowerCase() === text.toLowerCase());
      return severity && { severity };
    },
    shownBy: ["severity"],
  },
};

function alertRules(properties: MonitorAlertProperties, topic: string, field: string): readonly ResourceProblem[] {
  const { severity, description, actionGroups } = properties;
  const problems: ResourceProblem[] = [];
  if (!KEY_VAULT.test(topic)) {
    const message = "Destinations of type MonitorAlert are for events of Key Vaults only.";
    problems.push(invalid("properties.destination.endpointType", message));
  }
  if (!SEVERITIES.includes(severity)) {
    problems.push(
      invalid(`${field}.severity`, `severity must be Sev0, Sev1, Sev2, Sev3 or Sev4, not ${quote(severity)}.`),
    );
  }
  if (isGiven(description) && !(typeof description === "string" && description.length <= MAX_DESCRIPTION_CHARS)) {
    const message = `description must be a text of at most ${MAX_DESCRIPTION_CHARS} characters.`;
    problems.push(invalid(`${field}.description`, message));
  }
  const groups: unknown = actionGroups ?? [];
  if (!Array.isArray(groups) || groups.length > MAX_ACTION_GROUPS || groups.some((id) => typeof id !== "string")) {
    const message = `actionGroups must be a list of at most ${MAX_ACTION_GROUPS} resource ids.`;
    problems.push(invalid(`${field}.actionGroups`, message));
  }
  return problems;
}
