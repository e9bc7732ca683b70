import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

const PARTY = "/parties/party-1";

function resource(noun: string, path: string): EventTypeDetails {
  return event(`${noun} was created, changed or deleted.`, "1.0", path, {
    actionType: "Created",
    id: path.slice(path.lastIndexOf("/") + 1),
    name: "North",
    description: "Made for a sample.",
    status: "Active",
    eTag: "f700fdd7-0000-0700-0000-634da2550000",
    properties: { region: "north" },
    createdDateTime: "<time>",
    modifiedDateTime: "<time>",
  });
}

function job(noun: string, path: string): EventTypeDetails {
  return event(`${noun} changed its status.`, "1.0", `${PARTY}/${path}/job-1`, {
    id: "job-1",
    partyId: "party-1",
    name: "Nightly",
    description: "Made for a sample.",
    status: "Succeeded",
    message: "Created job.",
    isCancellationRequested: false,
    properties: { region: "north" },
    createdDateTime: "<time>",
    lastActionDateTime: "<time>",
  });
}

const ofParty = (noun: string, collection: string): EventTypeDetails => resource(noun, `${PARTY}/${collection}/item-1`);
const ofAll = (noun: string, collection: string): EventTypeDetails => resource(noun, `/${collection}/item-1`);

/** `Microsoft.AgFoodPlatform.FarmBeats` */
export const agFoodPlatform: TopicTypeDetails = {
  displayName: "Azure Data Manager for Agriculture (Preview)",
  description: "Farms, fields, sensors and jobs of a data manager for agriculture.",
  eventTypes: {
    PartyChanged: resource("A party", PARTY),
    "FarmChanged.V2": ofParty("A farm", "farms"),
    "FieldChanged.V2": ofParty("A field", "fields"),
    SeasonChanged: ofAll("A season", "seasons"),
    "SeasonalFieldChanged.V2": ofParty("A seasonal field", "seasonal-fields"),
    "BoundaryChanged.V2": ofParty("A boundary", "boundaries"),
    CropChanged: ofAll("A crop", "crops"),
    CropProductChanged: ofAll("A crop product", "crop-products"),
    "AttachmentChanged.V2": ofParty("An attachment", "attachments"),
    "ManagementZoneChanged.V2": ofParty("A management zone", "management-zones"),
    "ZoneChanged.V2": ofParty("A zone", "zones"),
    "SatelliteDataIngestionJobStatusChanged.V2": job("A job that fetches satellite data", "ingest-satellite-data"),
    "WeatherDataIngestionJobStatusChanged.V2": job("A job that fetches weather data", "ingest-weather-data"),
    "WeatherDataRefresherJobStatusChanged.V2": job("A job that refreshes weather data", "refresh-weather-data"),
    "ApplicationDataChanged.V2": ofParty("Data of an application", "application-data"),
    "HarvestDataChanged.V2": ofParty("Data of a harvest", "harvest-data"),
    "TillageDataChanged.V2": ofParty("Data of a tillage", "tillage-data"),
    "PlantingDataChanged.V2": ofParty("Data of a planting", "planting-data"),
    "ImageProcessingRasterizeJobStatusChanged.V2": job("A job that makes pictures", "image-processing-rasterize"),
    "FarmOperationDataIngestionJobStatusChanged.V2": job(
      "A job that fetches farm operations",
      "ingest-farm-operations",
    ),
    "SensorMappingChanged.V2": ofAll("A sensor's mapping", "sensor-mappings"),
    "SensorPartnerIntegrationChanged.V2": ofAll("A sensor partner's integration", "sensor-partner-integrations"),
    DeviceDataModelChanged: ofAll("A device's data model", "device-data-models"),
    DeviceChanged: ofAll("A device", "devices"),
    SensorDataModelChanged: ofAll("A sensor's data model", "sensor-data-models"),
    SensorChanged: ofAll("A sensor", "sensors"),
    "PrescriptionChanged.V2": ofParty("A prescription", "prescriptions"),
    "PrescriptionMapChanged.V2": ofParty("A prescription map", "prescription-maps"),
    "PlantTissueAnalysisChanged.V2": ofParty("An analysis of plant tissue", "plant-tissue-analyses"),
    "NutrientAnalysisChanged.V2": ofParty("An analysis of nutrients", "nutrient-analyses"),
    "InsightChanged.V2": ofParty("An insight", "insights"),
    "InsightAttachmentChanged.V2": ofParty("An insight's attachment", "insight-attachments"),
    "BiomassModelJobStatusChanged.V2": job("A job of the biomass model", "biomass-model"),
    "SoilMoistureModelJobStatusChanged.V2": job("A job of the soil moisture model", "soil-moisture-model"),
    "SensorPlacementModelJobStatusChanged.V2": job("A job of the sensor placement model", "sensor-placement-model"),
  },
};
