import type { JsonObject } from "../../json.ts";
import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

const JOB = "transforms/adaptive/jobs/job-1";
const LIVE = "liveEvent/concert";
const CORRELATION: JsonObject = { order: "1" };

function output(state: string, progress: number): JsonObject {
  const error =
    state === "Error"
      ? {
          code: "ServiceTransientError",
          message: "The job could not be done; try again.",
          category: "Service",
          retry: "MayRetry",
          details: [],
        }
      : null;
  return { "@odata.type": "#Microsoft.Media.JobOutputAsset", error, label: "adaptive_0", progress, state };
}

function job(description: string, previousState: string, state: string, withOutputs: boolean): EventTypeDetails {
  const outputs: JsonObject = withOutputs ? { outputs: [output(state, state === "Finished" ? 100 : 0)] } : {};
  return event(description, "1.0", JOB, { ...outputs, previousState, state, correlationData: CORRELATION });
}

function jobOutput(description: string, previousState: string, state: string): EventTypeDetails {
  return event(description, "1.0", JOB, {
    previousState,
    output: output(state, state === "Finished" ? 100 : 0),
    jobCorrelationData: CORRELATION,
  });
}

const ENCODER: JsonObject = { encoderIp: "203.0.113.7", encoderPort: "3557" };
const ADDRESS: JsonObject = { ingestUrl: "rtmp://concert-<name>.channel.media.azure.net:1935/live/1" };
const INGEST: JsonObject = { ...ADDRESS, streamId: "stream-1" };
const TRACK: JsonObject = { trackType: "video", trackName: "video", bitrate: 2_962_000 };

function live(description: string, data: JsonObject): EventTypeDetails {
  return event(description, "1.0", LIVE, data);
}

/** `Microsoft.Media.MediaServices`, a service that Azure has ended. */
export const media: TopicTypeDetails = {
  displayName: "Microsoft Azure Media Services",
  description: "Jobs and live events of a media services account.",
  eventTypes: {
    JobStateChange: job("A job changed its state.", "Scheduled", "Processing", false),
    JobScheduled: job("A job was scheduled.", "Queued", "Scheduled", false),
    JobProcessing: job("A job is worked on.", "Scheduled", "Processing", false),
    JobCanceling: job("A job is being cancelled.", "Processing", "Canceling", false),
    JobFinished: job("A job was done.", "Processing", "Finished", true),
    JobCanceled: job("A job was cancelled.", "Canceling", "Canceled", true),
    JobErrored: job("A job failed.", "Processing", "Error", true),
    JobOutputStateChange: jobOutput("An output of a job changed its state.", "Queued", "Scheduled"),
    JobOutputScheduled: jobOutput("An output of a job was scheduled.", "Queued", "Scheduled"),
    JobOutputProcessing: jobOutput("An output of a job is worked on.", "Scheduled", "Processing"),
    JobOutputCanceling: jobOutput("An output of a job is being cancelled.", "Processing", "Canceling"),
    JobOutputFinished: jobOutput("An output of a job was done.", "Processing", "Finished"),
    JobOutputCanceled: jobOutput("An output of a job was cancelled.", "Canceling", "Canceled"),
    JobOutputErrored: jobOutput("An output of a job failed.", "Processing", "Error"),
    JobOutputProgress: event("An output of a job got on.", "1.0", JOB, {
      label: "adaptive_0",
      progress: 40,
      jobCorrelationData: CORRELATION,
    }),
    LiveEventConnectionRejected: live("An encoder was turned away.", {
      ...INGEST,
      ...ENCODER,
      resultCode: "MPE_INGEST_CODEC_NOT_SUPPORTED",
    }),
    LiveEventEncoderConnected: live("An encoder connected.", { ...INGEST, ...ENCODER }),
    LiveEventEncoderDisconnected: live("An encoder disconnected.", { ...INGEST, ...ENCODER, resultCode: "S_OK" }),
    LiveEventIncomingStreamReceived: live("The first data of a track arrived.", {
      ...ADDRESS,
      ...ENCODER,
      ...TRACK,
      timestamp: "15336837655032322",
      duration: "2000",
      timescale: "1000",
    }),
    LiveEventIncomingStreamsOutOfSync: live("Audio and video drifted apart.", {
      minLastTimestamp: "10999",
      typeOfStreamWithMinLastTimestamp: "video",
      maxLastTimestamp: "100999",
      typeOfStreamWithMaxLastTimestamp: "audio",
      timescaleOfMinLastTimestamp: "1000",
      timescaleOfMaxLastTimestamp: "1000",
    }),
    LiveEventIncomingVideoStreamsOutOfSync: live("Video tracks drifted apart.", {
      firstTimestamp: "10999",
      firstDuration: "2000",
      secondTimestamp: "100999",
      secondDuration: "2000",
      timescale: "1000",
    }),
    LiveEventIncomingDataChunkDropped: live("Data came too late or overlapped, and was dropped.", {
      ...TRACK,
      timestamp: "8999",
      timescale: "1000",
      resultCode: "FragmentDrop_OverlapTimestamp",
    }),
    LiveEventIngestHeartbeat: live("State of a track's incoming data, reported every 20 seconds.", {
      ...TRACK,
      transcriptionLanguage: "",
      transcriptionState: "",
      incomingBitrate: 2_948_000,
      ingestDriftValue: "0",
      lastFragmentArrivalTime: "<time>",
      lastTimestamp: "15336837655032322",
      timescale: "1000",
      overlapCount: 0,
      discontinuityCount: 0,
      nonincreasingCount: 0,
      unexpectedBitrate: false,
      state: "Running",
      healthy: true,
    }),
    LiveEventTrackDiscontinuityDetected: live("A track jumped in time.", {
      ...TRACK,
      previousTimestamp: "10999",
      newTimestamp: "14999",
      timescale: "1000",
      discontinuityGap: "4000",
    }),
    LiveEventChannelArchiveHeartbeat: live("State of the archive, reported regularly.", {
      channelLatencyMs: "10",
      latencyResultCode: "S_OK",
    }),
  },
};
