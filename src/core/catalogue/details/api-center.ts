import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const DEFINITION = "<source>/workspaces/default/apis/orders/versions/v1/definitions/openapi";
const DATA: JsonObject = {
  title: "OpenAPI",
  description: "The orders API.",
  specification: { name: "openapi", version: "3.0.1" },
};

/** `Microsoft.ApiCenter.Services` */
export const apiCenter: TopicTypeDetails = {
  displayName: "Azure API Center",
  description: "API definitions of an API center.",
  eventTypes: {
    ApiDefinitionAdded: event("An API definition was added.", "1.0", DEFINITION, DATA),
    ApiDefinitionUpdated: event("An API definition was changed.", "1.0", DEFINITION, DATA),
  },
};
