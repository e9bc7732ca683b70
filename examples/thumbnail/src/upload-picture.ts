import { extname } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
};

/** Puts pictures into the container `images` of an account, which is made if it is not there. */
export async function pictureUploader(
  connectionString: string,
): Promise<(name: string, picture: Uint8Array) => Promise<void>> {
  const images = BlobServiceClient.fromConnectionString(connectionString).getContainerClient("images");
  await images.createIfNotExists();
  return async (name, picture) => {
    const blobContentType = CONTENT_TYPES[extname(name).toLowerCase()] ?? "application/octet-stream";
    await images.getBlockBlobClient(name).upload(picture, picture.byteLength, { blobHTTPHeaders: { blobContentType } });
  };
}
