import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const SUBJECT = "devices/thermometer";
const NO_UPDATE: JsonObject = { metadata: { lastUpdated: "<time>" }, version: 1 };
const DEVICE: JsonObject = {
  twin: {
    deviceId: "thermometer",
    etag: "AAAAAAAAAAE=",
    deviceEtag: null,
    status: "enabled",
    statusUpdateTime: "0001-01-01T00:00:00",
    connectionState: "Disconnected",
    lastActivityTime: "0001-01-01T00:00:00",
    cloudToDeviceMessageCount: 0,
    authenticationType: "sas",
    x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
    version: 2,
    properties: { desired: NO_UPDATE, reported: NO_UPDATE },
  },
  hubName: "<name>",
  deviceId: "thermometer",
};
const CONNECTION: JsonObject = {
  deviceConnectionStateEventInfo: {
    sequenceNumber: "000000000000000001D4132452F67CE200000002000000000000000000000001",
  },
  hubName: "<name>",
  deviceId: "thermometer",
};

/** `Microsoft.Devices.IoTHubs` */
export const iotHub: TopicTypeDetails = {
  displayName: "Azure IoT Hub Accounts",
  description: "Devices of an IoT hub, their connections and what they measure.",
  eventTypes: {
    DeviceCreated: event("A device was registered.", "1", SUBJECT, DEVICE),
    DeviceDeleted: event("A device was removed.", "1", SUBJECT, DEVICE),
    DeviceConnected: event("A device connected.", "1", SUBJECT, CONNECTION),
    DeviceDisconnected: event("A device lost its connection.", "1", SUBJECT, CONNECTION),
    DeviceTelemetry: event("A device sent a message.", "", SUBJECT, {
      properties: { Status: "Active" },
      systemProperties: {
        "iothub-content-type": "application/json",
        "iothub-content-encoding": "utf-8",
        "iothub-connection-device-id": "thermometer",
        "iothub-connection-auth-method":
          '{"scope":"device","type":"sas","issuer":"iothub","acceptingIpFilterRule":null}',
        "iothub-connection-auth-generation-id": "123455432199234570",
        "iothub-enqueuedtime": "<time>",
        "iothub-message-source": "Telemetry",
      },
      body: { temperature: 21.5, humidity: 48 },
    }),
  },
};
