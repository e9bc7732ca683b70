import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const PATIENT = "e0a1f743-1a70-451f-830e-e96477163902";
const FHIR_HOST = "<name>-fhir.fhir.azurehealthcareapis.com";
const DICOM_HOST = "<name>-dicom.dicom.azurehealthcareapis.com";
const [STUDY, SERIES, INSTANCE] = ["1.2.3.4.3", "1.2.3.4.3.9423673", "1.3.6.1.4.1.45096.2.296485376.2210"];
const FHIR_SUBJECT = `${FHIR_HOST}/Patient/${PATIENT}`;
const DICOM_SUBJECT = `${DICOM_HOST}/v1/studies/${STUDY}/series/${SERIES}/instances/${INSTANCE}`;

function fhir(version: number): JsonObject {
  return {
    resourceType: "Patient",
    resourceFhirAccount: FHIR_HOST,
    resourceFhirId: PATIENT,
    resourceVersionId: version,
  };
}

function dicom(sequenceNumber: number): JsonObject {
  return {
    partitionName: "Microsoft.Default",
    imageStudyInstanceUid: STUDY,
    imageSeriesInstanceUid: SERIES,
    imageSopInstanceUid: INSTANCE,
    serviceHostName: DICOM_HOST,
    sequenceNumber,
  };
}

/** `Microsoft.HealthcareApis.Workspaces` */
export const healthcare: TopicTypeDetails = {
  displayName: "Azure Health Data Services",
  description: "FHIR resources and DICOM images of a health data workspace.",
  eventTypes: {
    FhirResourceCreated: event("A FHIR resource was created.", "1", FHIR_SUBJECT, fhir(1)),
    FhirResourceUpdated: event("A FHIR resource was changed.", "1", FHIR_SUBJECT, fhir(2)),
    FhirResourceDeleted: event("A FHIR resource was deleted, and can be restored.", "1", FHIR_SUBJECT, fhir(3)),
    DicomImageCreated: event("A DICOM image was stored.", "1", DICOM_SUBJECT, dicom(1)),
    DicomImageUpdated: event("A DICOM image was changed.", "1", DICOM_SUBJECT, dicom(2)),
    DicomImageDeleted: event("A DICOM image was deleted.", "1", DICOM_SUBJECT, dicom(3)),
  },
};
