import { RingmainError, toError } from "../../../core/errors.ts";
import { makeFolder } from "../../../files/make-folder.ts";

/** Makes a data folder, for its owner alone. Rejects with `store_unavailable` when it cannot. */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await makeFolder(path, 0o700);
  } catch (thrown) {
    const reason = toError(thrown).message;
    throw new RingmainError("store_unavailable", `Cannot use the data folder ${path}: ${reason}`, { cause: thrown });
  }
}
