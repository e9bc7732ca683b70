import type { JsonObject } from "../../../json.ts";
import { event, type EventTypeDetails } from "../../topic-type-details.ts";

const [JOB, CHANNEL, QUEUE, ASSIGNMENT, WORKER] = ["job-1", "voice", "queue-1", "assignment-1", "worker-1"];
const LABELS: JsonObject = { language: "en" };
const MARKS: JsonObject = { labels: LABELS, tags: { segment: "trial" } };
const JOB_DATA: JsonObject = {
  jobId: JOB,
  channelReference: "call-1",
  channelId: CHANNEL,
  queueId: QUEUE,
  ...MARKS,
};
const SELECTORS: JsonObject[] = [
  { key: "language", labelOperator: "Equal", value: "en", ttlSeconds: 50, state: "Active", expirationTime: "<time>" },
];
const EXPIRED: JsonObject = {
  expiredRequestedWorkerSelectors: SELECTORS.map((selector) => ({ ...selector, state: "Expired" })),
  expiredAttachedWorkerSelectors: [],
};
const QUEUE_DATA: JsonObject = { id: QUEUE, name: "Billing", labels: LABELS };
const WORKER_DATA: JsonObject = {
  workerId: WORKER,
  queueAssignments: [QUEUE_DATA],
  channelConfigurations: [{ channelId: CHANNEL, capacityCostPerJob: 10, maxNumberOfJobs: 5 }],
  totalCapacity: 100,
  ...MARKS,
};
const OFFER: JsonObject = {
  workerId: WORKER,
  jobId: JOB,
  channelReference: "call-1",
  channelId: CHANNEL,
  queueId: QUEUE,
  offerId: "offer-1",
};
const OFFERED: JsonObject = {
  ...OFFER,
  jobPriority: 5,
  workerLabels: LABELS,
  workerTags: {},
  jobLabels: LABELS,
  jobTags: {},
};

function job(description: string, path: string, data: JsonObject): EventTypeDetails {
  return event(description, "1.0", `job/${JOB}/channel/${CHANNEL}${path}`, { ...JOB_DATA, ...data });
}

function offer(description: string, data: JsonObject): EventTypeDetails {
  return event(description, "1.0", `worker/${WORKER}/job/${JOB}`, data);
}

function worker(description: string, data: JsonObject): EventTypeDetails {
  return event(description, "1.0", `worker/${WORKER}`, data);
}

const ASSIGNED: JsonObject = { assignmentId: ASSIGNMENT, workerId: WORKER };

/** Events of `Microsoft.Communication.CommunicationServices` about jobs and the workers who do them. */
export const ROUTER_EVENTS: Readonly<Record<string, EventTypeDetails>> = {
  RouterJobReceived: job("A job came in.", "", {
    jobStatus: "PendingClassification",
    classificationPolicyId: "policy-1",
    priority: 0,
    requestedWorkerSelectors: SELECTORS,
    scheduledOn: null,
    unavailableForMatching: false,
  }),
  RouterJobClassified: job("A job was classified.", `/queue/${QUEUE}`, {
    queueDetails: QUEUE_DATA,
    classificationPolicyId: "policy-1",
    priority: 5,
    attachedWorkerSelectors: SELECTORS,
  }),
  RouterJobClassificationFailed: job("A job could not be classified.", "/classificationpolicy/policy-1", {
    classificationPolicyId: "policy-1",
    errors: [{ code: "Failure", message: "Classification failed.", target: "", details: [] }],
  }),
  RouterJobQueued: job("A job was put into a queue.", `/queue/${QUEUE}`, {
    priority: 1,
    attachedWorkerSelectors: [],
    requestedWorkerSelectors: SELECTORS,
  }),
  RouterJobCompleted: job("A job was done.", `/assignment/${ASSIGNMENT}`, ASSIGNED),
  RouterJobClosed: job("A job was closed.", `/assignment/${ASSIGNMENT}`, { ...ASSIGNED, dispositionCode: "Solved" }),
  RouterJobCancelled: job("A job was cancelled.", "/disposition/100", {
    note: "Called twice.",
    dispositionCode: "100",
  }),
  RouterJobExceptionTriggered: job("A rule for exceptions came into play.", "/exceptionrule/waited", {
    ruleKey: "waited",
    exceptionRuleId: "rule-1",
  }),
  RouterJobWorkerSelectorsExpired: job(
    "The requirements of a job for workers have expired.",
    `/queue/${QUEUE}`,
    EXPIRED,
  ),
  RouterJobUnassigned: job("A job was taken from its worker.", `/assignment/${ASSIGNMENT}`, ASSIGNED),
  RouterJobWaitingForActivation: job("The time of a scheduled job has come.", "", {
    priority: 1,
    ...EXPIRED,
    scheduledOn: "<time>",
    unavailableForMatching: false,
  }),
  RouterJobSchedulingFailed: job("A job could not be scheduled.", "", {
    priority: 1,
    ...EXPIRED,
    scheduledOn: "<time>",
    failureReason: "Error",
  }),
  RouterJobDeleted: job("A job was deleted.", "", {}),
  RouterWorkerOfferIssued: offer("A job was offered to a worker.", {
    ...OFFERED,
    offeredOn: "<time>",
    expiresOn: "<time>",
  }),
  RouterWorkerOfferAccepted: offer("A worker took an offer.", { ...OFFERED, assignmentId: ASSIGNMENT }),
  RouterWorkerOfferDeclined: offer("A worker turned an offer down.", OFFER),
  RouterWorkerOfferRevoked: offer("An offer was taken back.", OFFER),
  RouterWorkerOfferExpired: offer("An offer has expired.", OFFER),
  RouterWorkerRegistered: worker("A worker is ready for jobs.", WORKER_DATA),
  RouterWorkerDeregistered: worker("A worker takes no more jobs.", { workerId: WORKER }),
  RouterWorkerUpdated: worker("A worker was changed.", { ...WORKER_DATA, updatedWorkerProperties: ["TotalCapacity"] }),
  RouterWorkerDeleted: worker("A worker was deleted.", {
    workerId: WORKER,
    jobId: JOB,
    channelReference: "call-1",
    channelId: CHANNEL,
  }),
};
