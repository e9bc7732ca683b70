import { app, type EventGridEvent, type InvocationContext } from "@azure/functions";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import sharp from "sharp";

const SIZE = 128;
const THUMBNAILS = "thumbnails";

const storage = BlobServiceClient.fromConnectionString(
  process.env["AzureWebJobsStorage"] ?? "UseDevelopmentStorage=true",
);

/** Made once, and not again for every picture. */
let thumbnails: Promise<ContainerClient> | undefined;

/** Makes a thumbnail of each picture that is written to a container, and puts it under the same name into another. */
app.eventGrid("makeThumbnail", { handler: makeThumbnail });

async function makeThumbnail(event: EventGridEvent, context: InvocationContext): Promise<void> {
  const invokedAt = now();
  const blob = parseSubject(event.subject);
  // A thumbnail is a new blob too. The subscription's filter keeps these events away; this makes sure of it.
  if (event.eventType !== "Microsoft.Storage.BlobCreated" || blob === undefined || blob.container === THUMBNAILS) {
    context.log(`nothing to do for ${event.eventType} of ${event.subject}`);
    return;
  }
  tell(context, "invoked", blob.name, invokedAt, event.eventTime);
  const picture = await storage.getContainerClient(blob.container).getBlobClient(blob.name).downloadToBuffer();
  const { data, info } = await sharp(picture).resize(SIZE, SIZE).toBuffer({ resolveWithObject: true });
  const target = (await thumbnailContainer()).getBlockBlobClient(blob.name);
  await target.uploadData(data, { blobHTTPHeaders: { blobContentType: `image/${info.format}` } });
  tell(context, "written", blob.name, now(), event.eventTime);
}

/** Takes the blob from `/blobServices/default/containers/{container}/blobs/{name}`; the name may hold slashes. */
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
function tell(context: InvocationContext, step: string, name: string, at: number, raisedAt: string): void {
  context.log(JSON.stringify({ step, name, at, raisedAt }));
}

/** Milliseconds since 1970, finer than `Date.now()`. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
