import { app } from "@azure/functions";

app.storageBlob("seen", {
  path: "%IMAGES%/{folder}/{name}.{ext}",
  connection: "AzureWebJobsStorage",
  source: "EventGrid",
  handler: (blob, context) => {
    const { blobTrigger, uri, folder, name, ext, properties, metadata } = context.triggerMetadata;
    context.log(
      JSON.stringify({
        bytes: blob.length,
        text: blob.toString(),
        blobTrigger,
        uri,
        folder,
        name,
        ext,
        properties,
        metadata,
      }),
    );
    if (blob.toString().startsWith("poison")) throw new Error("it is poison");
  },
});
app.storageBlob("polled", { path: "other/{name}", connection: "AzureWebJobsStorage", handler: () => {} });
