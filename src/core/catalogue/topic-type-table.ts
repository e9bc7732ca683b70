/** One row of the table of topic types. */
export interface TopicTypeRow {
  /** Name in Azure, for example `Microsoft.KeyVault.vaults`. */
  readonly name: string;
  /** Form of its sources' resource ids; absent if Azure's users publish the events (custom topics and domains). */
  readonly source?: string;
  /** Prefix of the names of its event types. */
  readonly prefix: string;
  /** Its event types without the prefix. */
  readonly events: string;
  /** Event types for a subscription that lists none. Default: all. */
  readonly defaultEvents?: string;
  /** True if its sources have no region. */
  readonly global?: true;
  /** Kinds of its sources. Default: a resource. */
  readonly scopes?: readonly ("Resource" | "ResourceGroup" | "AzureSubscription" | "ManagementGroup")[];
}

const SUBSCRIPTION = "/subscriptions/<subscriptionId>";
const GROUP = `${SUBSCRIPTION}/resourceGroups/<resourceGroupName>`;
const PROVIDERS = `${GROUP}/providers`;

const RESOURCE_EVENTS = `ResourceWriteSuccess ResourceWriteFailure ResourceWriteCancel ResourceDeleteSuccess
  ResourceDeleteFailure ResourceDeleteCancel ResourceActionSuccess ResourceActionFailure ResourceActionCancel`;

const CHAT = `ChatMessageReceived ChatMessageEdited ChatMessageDeleted ChatMessageReceivedInThread
  ChatMessageEditedInThread ChatMessageDeletedInThread ChatTypingIndicatorReceivedInThread
  ChatAzureBotCommandReceivedInThread ChatThreadCreated ChatThreadDeleted ChatThreadPropertiesUpdated
  ChatThreadCreatedWithUser ChatThreadWithUserDeleted ChatThreadPropertiesUpdatedPerUser ChatThreadParticipantAdded
  ChatThreadParticipantRemoved ChatParticipantAddedToThreadWithUser ChatParticipantRemovedFromThreadWithUser`;

const ROUTER = `RouterJobReceived RouterJobClassified RouterJobClassificationFailed RouterJobQueued RouterJobCompleted
  RouterJobClosed RouterJobCancelled RouterJobExceptionTriggered RouterJobWorkerSelectorsExpired RouterJobUnassigned
  RouterJobWaitingForActivation RouterJobSchedulingFailed RouterJobDeleted RouterWorkerOfferIssued
  RouterWorkerOfferAccepted RouterWorkerOfferDeclined RouterWorkerOfferRevoked RouterWorkerOfferExpired
  RouterWorkerRegistered RouterWorkerDeregistered RouterWorkerUpdated RouterWorkerDeleted`;

/**
 * Azure's topic types with the names of their event types, which are needed whenever a resource is written. All
 * other details are in `details/` and loaded on demand.
 *
 * The default sets of storage accounts and of the resource events were observed in the service's responses. No
 * other topic type is known to have a default set that omits event types.
 * Source: [EG-DEFAULT-EVENT-TYPES]
 */
export const TOPIC_TYPE_TABLE: readonly TopicTypeRow[] = [
  {
    name: "Microsoft.AgFoodPlatform.FarmBeats",
    source: `${PROVIDERS}/Microsoft.AgFoodPlatform/farmBeats/<name>`,
    prefix: "Microsoft.AgFoodPlatform",
    events: `PartyChanged FarmChanged.V2 FieldChanged.V2 SeasonChanged SeasonalFieldChanged.V2 BoundaryChanged.V2
      CropChanged CropProductChanged AttachmentChanged.V2 ManagementZoneChanged.V2 ZoneChanged.V2
      SatelliteDataIngestionJobStatusChanged.V2 WeatherDataIngestionJobStatusChanged.V2
      WeatherDataRefresherJobStatusChanged.V2 ApplicationDataChanged.V2 HarvestDataChanged.V2 TillageDataChanged.V2
      PlantingDataChanged.V2 ImageProcessingRasterizeJobStatusChanged.V2 FarmOperationDataIngestionJobStatusChanged.V2
      SensorMappingChanged.V2 SensorPartnerIntegrationChanged.V2 DeviceDataModelChanged DeviceChanged
      SensorDataModelChanged SensorChanged PrescriptionChanged.V2 PrescriptionMapChanged.V2
      PlantTissueAnalysisChanged.V2 NutrientAnalysisChanged.V2 InsightChanged.V2 InsightAttachmentChanged.V2
      BiomassModelJobStatusChanged.V2 SoilMoistureModelJobStatusChanged.V2 SensorPlacementModelJobStatusChanged.V2`,
  },
  {
    name: "Microsoft.ApiCenter.Services",
    source: `${PROVIDERS}/Microsoft.ApiCenter/services/<name>`,
    prefix: "Microsoft.ApiCenter",
    events: "ApiDefinitionAdded ApiDefinitionUpdated",
  },
  {
    name: "Microsoft.ApiManagement.Service",
    source: `${PROVIDERS}/Microsoft.ApiManagement/service/<name>`,
    prefix: "Microsoft.ApiManagement",
    events: `APICreated APIUpdated APIDeleted APIReleaseCreated APIReleaseUpdated APIReleaseDeleted ProductCreated
      ProductUpdated ProductDeleted SubscriptionCreated SubscriptionUpdated SubscriptionDeleted UserCreated UserUpdated
      UserDeleted GatewayCreated GatewayUpdated GatewayDeleted GatewayAPIAdded GatewayAPIRemoved
      GatewayCertificateAuthorityCreated GatewayCertificateAuthorityUpdated GatewayCertificateAuthorityDeleted
      GatewayHostnameConfigurationCreated GatewayHostnameConfigurationUpdated GatewayHostnameConfigurationDeleted
      GatewayTokenNearExpiry GatewayTokenExpired CircuitBreaker.Opened CircuitBreaker.Closed`,
  },
  {
    name: "Microsoft.AppConfiguration.ConfigurationStores",
    source: `${PROVIDERS}/Microsoft.AppConfiguration/ConfigurationStores/<name>`,
    prefix: "Microsoft.AppConfiguration",
    events: "KeyValueModified KeyValueDeleted SnapshotCreated SnapshotModified",
  },
  {
    name: "Microsoft.AVS.PrivateClouds",
    source: `${PROVIDERS}/Microsoft.AVS/privateClouds/<name>`,
    prefix: "Microsoft.AVS",
    events: `PrivateCloudUpdating PrivateCloudUpdated PrivateCloudFailed ClusterCreated ClusterUpdating ClusterUpdated
      ClusterDeleted ClusterFailed ScriptExecutionStarted ScriptExecutionFinished ScriptExecutionCancelled
      ScriptExecutionFailed`,
  },
  {
    name: "Microsoft.Cache.Redis",
    source: `${PROVIDERS}/Microsoft.Cache/Redis/<redisName>`,
    prefix: "Microsoft.Cache",
    events: "PatchingCompleted ScalingCompleted ImportRDBCompleted ExportRDBCompleted",
  },
  {
    name: "Microsoft.Communication.CommunicationServices",
    source: `${PROVIDERS}/Microsoft.Communication/communicationservices/<name>`,
    prefix: "Microsoft.Communication",
    events: `SMSReceived SMSDeliveryReportReceived ${CHAT} IncomingCall CallStarted CallEnded CallParticipantAdded
      CallParticipantRemoved RecordingFileStatusUpdated EmailDeliveryReportReceived
      EmailEngagementTrackingReportReceived AdvancedMessageReceived AdvancedMessageDeliveryStatusUpdated
      UserDisconnected ${ROUTER}`,
    global: true,
  },
  {
    name: "Microsoft.ContainerRegistry.Registries",
    source: `${PROVIDERS}/Microsoft.ContainerRegistry/registries/<name>`,
    prefix: "Microsoft.ContainerRegistry",
    events: "ImagePushed ImageDeleted ChartPushed ChartDeleted",
  },
  {
    name: "Microsoft.ContainerService.ManagedClusters",
    source: `${PROVIDERS}/Microsoft.ContainerService/managedClusters/<name>`,
    prefix: "Microsoft.ContainerService",
    events: `NewKubernetesVersionAvailable ClusterSupportEnding ClusterSupportEnded NodePoolRollingStarted
      NodePoolRollingSucceeded NodePoolRollingFailed`,
  },
  {
    name: "Microsoft.DataBox.Jobs",
    source: `${PROVIDERS}/Microsoft.DataBox/jobs/<name>`,
    prefix: "Microsoft.DataBox",
    events: "CopyStarted CopyCompleted OrderCompleted",
  },
  {
    name: "Microsoft.Devices.IoTHubs",
    source: `${PROVIDERS}/Microsoft.Devices/ioTHubs/<hubName>`,
    prefix: "Microsoft.Devices",
    events: "DeviceCreated DeviceDeleted DeviceConnected DeviceDisconnected DeviceTelemetry",
  },
  {
    name: "Microsoft.Edge.Contexts",
    source: `${PROVIDERS}/Microsoft.Edge/contexts/<name>`,
    prefix: "Microsoft.Edge",
    events: "SolutionVersionPublished",
  },
  { name: "Microsoft.EventGrid.Domains", prefix: "Microsoft.EventGrid", events: "" },
  {
    name: "Microsoft.EventGrid.Namespaces",
    source: `${PROVIDERS}/Microsoft.EventGrid/namespaces/<name>`,
    prefix: "Microsoft.EventGrid",
    events: "MQTTClientCreatedOrUpdated MQTTClientDeleted MQTTClientSessionConnected MQTTClientSessionDisconnected",
  },
  { name: "Microsoft.EventGrid.Topics", prefix: "Microsoft.EventGrid", events: "" },
  {
    name: "Microsoft.Eventhub.Namespaces",
    source: `${PROVIDERS}/Microsoft.EventHub/namespaces/<namespaceName>`,
    prefix: "Microsoft.EventHub",
    events: "CaptureFileCreated",
  },
  {
    name: "Microsoft.HealthcareApis.Workspaces",
    source: `${PROVIDERS}/Microsoft.HealthcareApis/workspaces/<name>`,
    prefix: "Microsoft.HealthcareApis",
    events: `FhirResourceCreated FhirResourceUpdated FhirResourceDeleted DicomImageCreated DicomImageUpdated
      DicomImageDeleted`,
  },
  {
    name: "Microsoft.KeyVault.vaults",
    source: `${PROVIDERS}/Microsoft.KeyVault/vaults/<name>`,
    prefix: "Microsoft.KeyVault",
    events: `CertificateNewVersionCreated CertificateNearExpiry CertificateExpired KeyNewVersionCreated KeyNearExpiry
      KeyExpired SecretNewVersionCreated SecretNearExpiry SecretExpired VaultAccessPolicyChanged`,
  },
  {
    name: "Microsoft.MachineLearningServices.Workspaces",
    source: `${PROVIDERS}/Microsoft.MachineLearningServices/Workspaces/<name>`,
    prefix: "Microsoft.MachineLearningServices",
    events: "ModelRegistered ModelDeployed RunCompleted RunStatusChanged DatasetDriftDetected",
  },
  {
    name: "Microsoft.Maintenance.MaintenanceConfigurations",
    source: `${PROVIDERS}/Microsoft.Maintenance/maintenanceConfigurations/<name>`,
    prefix: "Microsoft.Maintenance",
    events: "PreMaintenanceEvent PostMaintenanceEvent",
  },
  {
    name: "Microsoft.Maps.Accounts",
    source: `${PROVIDERS}/Microsoft.Maps/Accounts/<name>`,
    prefix: "Microsoft.Maps",
    events: "GeofenceEntered GeofenceExited GeofenceResult",
    global: true,
  },
  {
    name: "Microsoft.Media.MediaServices",
    source: `${PROVIDERS}/Microsoft.Media/MediaServices/<name>`,
    prefix: "Microsoft.Media",
    events: `JobStateChange JobScheduled JobProcessing JobCanceling JobFinished JobCanceled JobErrored
      JobOutputStateChange JobOutputScheduled JobOutputProcessing JobOutputCanceling JobOutputFinished
      JobOutputCanceled JobOutputErrored JobOutputProgress LiveEventConnectionRejected LiveEventEncoderConnected
      LiveEventEncoderDisconnected LiveEventIncomingStreamReceived LiveEventIncomingStreamsOutOfSync
      LiveEventIncomingVideoStreamsOutOfSync LiveEventIncomingDataChunkDropped LiveEventIngestHeartbeat
      LiveEventTrackDiscontinuityDetected LiveEventChannelArchiveHeartbeat`,
  },
  {
    name: "Microsoft.PolicyInsights.PolicyStates",
    source: SUBSCRIPTION,
    prefix: "Microsoft.PolicyInsights",
    events: "PolicyStateCreated PolicyStateChanged PolicyStateDeleted",
    global: true,
    scopes: ["AzureSubscription"],
  },
  {
    name: "Microsoft.ResourceNotifications.AKSResources",
    source: SUBSCRIPTION,
    prefix: "Microsoft.ResourceNotifications.AKSResources",
    events: "FleetGateCreated FleetGateUpdated FleetGateDeleted",
    global: true,
    scopes: ["AzureSubscription"],
  },
  {
    name: "Microsoft.ResourceNotifications.ContainerServiceEventResources",
    source: SUBSCRIPTION,
    prefix: "Microsoft.ResourceNotifications.ContainerServiceEventResources",
    events: "ScheduledEventEmitted",
    global: true,
    scopes: ["AzureSubscription"],
  },
  {
    name: "Microsoft.ResourceNotifications.HealthResources",
    source: SUBSCRIPTION,
    prefix: "Microsoft.ResourceNotifications.HealthResources",
    events: "AvailabilityStatusChanged ResourceAnnotated",
    global: true,
    scopes: ["AzureSubscription"],
  },
  {
    name: "Microsoft.ResourceNotifications.Resources",
    source: SUBSCRIPTION,
    prefix: "Microsoft.ResourceNotifications.Resources",
    events: "CreatedOrUpdated Deleted",
    global: true,
    scopes: ["AzureSubscription"],
  },
  {
    name: "Microsoft.Resources.ResourceGroups",
    source: GROUP,
    prefix: "Microsoft.Resources",
    events: RESOURCE_EVENTS,
    global: true,
    scopes: ["ResourceGroup"],
  },
  {
    name: "Microsoft.Resources.Subscriptions",
    source: SUBSCRIPTION,
    prefix: "Microsoft.Resources",
    events: RESOURCE_EVENTS,
    global: true,
    scopes: ["AzureSubscription"],
  },
  {
    name: "Microsoft.ServiceBus.Namespaces",
    source: `${PROVIDERS}/Microsoft.ServiceBus/namespaces/<namespaceName>`,
    prefix: "Microsoft.ServiceBus",
    events: `ActiveMessagesAvailableWithNoListeners DeadletterMessagesAvailableWithNoListeners
      ActiveMessagesAvailablePeriodicNotifications DeadletterMessagesAvailablePeriodicNotifications`,
  },
  {
    name: "Microsoft.SignalRService.SignalR",
    source: `${PROVIDERS}/Microsoft.SignalRService/SignalR/<name>`,
    prefix: "Microsoft.SignalRService",
    events: "ClientConnectionConnected ClientConnectionDisconnected",
  },
  {
    name: "Microsoft.Storage.StorageAccounts",
    source: `${PROVIDERS}/Microsoft.Storage/storageAccounts/<storageAccountName>`,
    prefix: "Microsoft.Storage",
    events: `BlobCreated BlobDeleted BlobRenamed BlobTierChanged DirectoryCreated DirectoryDeleted DirectoryRenamed
      AsyncOperationInitiated BlobInventoryPolicyCompleted LifecyclePolicyCompleted StorageTaskQueued
      StorageTaskCompleted StorageTaskAssignmentQueued StorageTaskAssignmentCompleted`,
    defaultEvents: "BlobCreated BlobDeleted",
  },
  {
    name: "Microsoft.Web.ServerFarms",
    source: `${PROVIDERS}/Microsoft.Web/ServerFarms/<name>`,
    prefix: "Microsoft.Web",
    events: "AppServicePlanUpdated",
  },
  {
    name: "Microsoft.Web.Sites",
    source: `${PROVIDERS}/Microsoft.Web/sites/<name>`,
    prefix: "Microsoft.Web",
    events: `AppUpdated BackupOperationStarted BackupOperationCompleted BackupOperationFailed RestoreOperationStarted
      RestoreOperationCompleted RestoreOperationFailed SlotSwapStarted SlotSwapCompleted SlotSwapFailed
      SlotSwapWithPreviewStarted SlotSwapWithPreviewCancelled`,
  },
];
