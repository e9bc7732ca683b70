import { extname } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
};

/**
 * Returns a function that uploads pictures to the container `images` of an account. Creates the container if needed.
 */
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
