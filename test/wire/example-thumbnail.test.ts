import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const script = new URL("../../examples/thumbnail/dist/run.js", import.meta.url).pathname;

it("the thumbnail example creates real thumbnails, but none of a thumbnail", async () => {
  // Rejects if the example exits with a code other than 0.
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  expect(stdout).toContain("21 of 21 thumbnails are JPEG images of 128 by 128; the container holds 21 blobs");
  expect(stdout).toMatch(/from the upload being sent to the function running\s+\d+\.\d ms/);
});
