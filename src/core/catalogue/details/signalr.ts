import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const CLIENT: JsonObject = {
  timestamp: "<time>",
  hubName: "chat",
  connectionId: "crH0uxVSvP61p5wkFY1x1A",
  userId: "user-1",
};

/** `Microsoft.SignalRService.SignalR` */
export const signalR: TopicTypeDetails = {
  displayName: "Azure SignalR Service",
  description: "Clients of a SignalR service.",
  eventTypes: {
    ClientConnectionConnected: event("A client connected.", "1.0", "/hub/chat", CLIENT),
    ClientConnectionDisconnected: event("A client lost its connection.", "1.0", "/hub/chat", {
      ...CLIENT,
      errorMessage: "Internal server error.",
    }),
  },
};
