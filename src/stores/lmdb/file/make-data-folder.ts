import { RingmainError, toError } from "../../../core/errors.ts";
import { makeFolder } from "../../../files/make-folder.ts";

/** Creates a data folder with access for its owner only. Rejects with `store_unavailable` if that fails. */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await makeFolder(path, 0o700);
  } catch (thrown) {
    const reason = toError(thrown).message;
    throw new RingmainError("store_unavailable", `Cannot use the data folder ${path}: ${reason}`, { cause: thrown });
  }
}
