import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

function fence(description: string, distance: number): EventTypeDetails {
  return event(description, "1.0", "/spatial/geofence/udid/fence-1/id/event-1", {
    expiredGeofenceGeometryId: [],
    geometries: [
      {
        deviceId: "van-1",
        distance,
        geometryId: "depot",
        nearestLat: 47.618_786,
        nearestLon: -122.132_151,
        udId: "fence-1",
      },
    ],
    invalidPeriodGeofenceGeometryId: [],
    isEventPublished: true,
  });
}

/** `Microsoft.Maps.Accounts` */
export const maps: TopicTypeDetails = {
  displayName: "Azure Maps Accounts",
  description: "Devices that come into and go out of geofences.",
  eventTypes: {
    GeofenceEntered: fence("A device came into a geofence.", -999),
    GeofenceExited: fence("A device went out of a geofence.", 999),
    GeofenceResult: fence("A position was compared with geofences.", 999),
  },
};
