import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const DIGEST = "sha256:213bbc182920ab41e18edc2001e06abcca6735d87782d9cef68abd83941cf0e5";

function image(action: "push" | "delete", target: JsonObject): JsonObject {
  return {
    id: "31c51664-e5bd-416a-a5df-e5206bc47ed0",
    timestamp: "<time>",
    action,
    target: {
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      digest: DIGEST,
      repository: "shop",
      ...target,
    },
    request: {
      id: "2afe4ccb-6b6c-4f6a-8f1b-1d0a5f9d8c1e",
      host: "<name>.azurecr.io",
      method: action === "push" ? "PUT" : "DELETE",
      useragent: "docker/27.3.1",
    },
  };
}

function chart(action: "chart_push" | "chart_delete"): JsonObject {
  return {
    id: "ea3a9c28-5b17-40f6-a500-3f02b6829277",
    timestamp: "<time>",
    action,
    target: {
      mediaType: "application/vnd.acr.helm.chart",
      size: 25_265,
      digest: "sha256:7f060075264b5ba7c14c23672698152ae6a3ebac1c47916e4efe19cd624d5fab",
      repository: "charts",
      tag: "shop-1.0.0.tgz",
      name: "shop",
      version: "1.0.0",
    },
  };
}

/** `Microsoft.ContainerRegistry.Registries` */
export const containerRegistry: TopicTypeDetails = {
  displayName: "Azure Container Registry",
  description: "Images and charts of a container registry.",
  eventTypes: {
    ImagePushed: event(
      "An image was pushed.",
      "1.0",
      "shop:v1",
      image("push", { size: 3023, length: 3023, tag: "v1" }),
    ),
    ImageDeleted: event("An image was deleted.", "1.0", "shop", image("delete", {})),
    ChartPushed: event("A chart was pushed.", "1.0", "shop", chart("chart_push")),
    ChartDeleted: event("A chart was deleted.", "1.0", "shop", chart("chart_delete")),
  },
};
