import type { DataFile } from "../file/data-file.ts";
import { decodeLogState, hasMarkedSegments, LOG_KEY, logStateWrite } from "./log-state.ts";
import { logError, readLog, readUnmarkedLog } from "./segments/read-log.ts";

/**
 * Copies all writes of a log into its data file without opening the log. Can be repeated safely. Rejects with
 * `store_unavailable` if the log is incomplete or the data file cannot be written.
 */
export async function applyLog(file: DataFile): Promise<void> {
  const stored = file.get("meta", LOG_KEY);
  if (stored === undefined) return;
  const state = decodeLogState(stored);
  const read = hasMarkedSegments(stored) ? readLog : readUnmarkedLog;
  const { latest, problems, segments } = read(file.folder, state);
  if (problems.length > 0) throw logError(file.folder, problems);
  for (const { groups } of segments) for (const { writes } of groups) await file.commit(writes);
  await file.commit([logStateWrite({ ...state, checkpointed: latest, begun: latest })]);
}
