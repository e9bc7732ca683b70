import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const RUN_SUBJECT = "experiments/0fa9dfaa-cba3-4fa7-b590-23e48548f5c1/runs/run_1";
const RUN: JsonObject = {
  experimentId: "0fa9dfaa-cba3-4fa7-b590-23e48548f5c1",
  experimentName: "prices",
  runId: "run_1",
  runType: "experiment",
  runTags: {},
  runProperties: { azureml_runsource: "experiment" },
};

/** `Microsoft.MachineLearningServices.Workspaces` */
export const machineLearning: TopicTypeDetails = {
  displayName: "Machine Learning Workspaces",
  description: "Models, runs and data drift of a machine learning workspace.",
  eventTypes: {
    ModelRegistered: event("A model or a version of one was registered.", "2", "models/prices:1", {
      modelName: "prices",
      modelVersion: "1",
      modelTags: { area: "housing" },
      modelProperties: { type: "regression" },
    }),
    ModelDeployed: event("Models were deployed to an endpoint.", "2", "endpoints/prices-service", {
      serviceName: "prices-service",
      serviceComputeType: "ACI",
      modelIds: "prices:1,prices:2",
      serviceTags: { area: "housing" },
      serviceProperties: { type: "regression" },
    }),
    RunCompleted: event("A run of an experiment ended.", "2", RUN_SUBJECT, RUN),
    RunStatusChanged: event("A run of an experiment changed its status.", "2", RUN_SUBJECT, {
      ...RUN,
      runStatus: "failed",
    }),
    DatasetDriftDetected: event(
      "A monitor found that two datasets drifted apart.",
      "2",
      "datadrift/monitor-1/run/run_1",
      {
        dataDriftId: "01d29aa4-e6a4-470a-9ef3-66660d21f8ef",
        dataDriftName: "monitor-1",
        runId: "run_1",
        baseDatasetId: "3c56d136-0f64-4657-a0e8-5162089a88a3",
        targetDatasetId: "d7e74d2e-c972-4266-b5fb-6c9c182d2a74",
        driftCoefficient: 0.83,
        startTime: "<time>",
        endTime: "<time>",
      },
    ),
  },
};
