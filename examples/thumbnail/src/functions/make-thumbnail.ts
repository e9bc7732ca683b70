import { app, type EventGridEvent, type InvocationContext } from "@azure/functions";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import sharp from "sharp";

const SIZE = 128;
const THUMBNAILS = "thumbnails";

const storage = BlobServiceClient.fromConnectionString(
  process.env["AzureWebJobsStorage"] ?? "UseDevelopmentStorage=true",
);

/** Created once and reused for every picture. */
let thumbnails: Promise<ContainerClient> | undefined;

/** Creates a thumbnail of each picture that is written to a container, and stores it under the same name in another. */
app.eventGrid("makeThumbnail", { handler: makeThumbnail });

async function makeThumbnail(event: EventGridEvent, context: InvocationContext): Promise<void> {
  const invokedAt = now();
  const blob = parseSubject(event.subject);
  // A thumbnail is a new blob, too. The subscription's filter excludes its events; this check makes sure of it.
  if (event.eventType !== "Microsoft.Storage.BlobCreated" || blob === undefined || blob.container === THUMBNAILS) {
    context.log(`nothing to do for ${event.eventType} of ${event.subject}`);
    return;
  }
  logStep(context, "invoked", blob.name, invokedAt, event.eventTime);
  const picture = await storage.getContainerClient(blob.container).getBlobClient(blob.name).downloadToBuffer();
  const { data, info } = await sharp(picture).resize(SIZE, SIZE).toBuffer({ resolveWithObject: true });
  const target = (await thumbnailContainer()).getBlockBlobClient(blob.name);
  await target.uploadData(data, { blobHTTPHeaders: { blobContentType: `image/${info.format}` } });
  logStep(context, "written", blob.name, now(), event.eventTime);
}

/** Parses the blob in `/blobServices/default/containers/{container}/blobs/{name}`. The name may contain slashes. */
function parseSubject(subject: string): { container: string; name: string } | undefined {
  const match = /^\/blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/.exec(subject);
  const [, container, name] = match ?? [];
  return container === undefined || name === undefined ? undefined : { container, name };
}

async function thumbnailContainer(): Promise<ContainerClient> {
  thumbnails ??= (async () => {
    const container = storage.getContainerClient(THUMBNAILS);
    await container.createIfNotExists();
    return container;
  })();
  try {
    return await thumbnails;
  } catch (thrown) {
    // The next picture tries again.
    thumbnails = undefined;
    throw thrown;
  }
}

/** Logs a step as JSON, so that `run.ts` can follow it. */
function logStep(context: InvocationContext, step: string, name: string, at: number, raisedAt: string): void {
  context.log(JSON.stringify({ step, name, at, raisedAt }));
}

/** Returns the milliseconds since 1970, with a higher resolution than `Date.now()`. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
