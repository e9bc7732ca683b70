import { existsSync, readFileSync } from "node:fs";
import { findRecord, generationAt, readGroup, type LoggedGroup } from "./group-record.ts";

/** What a log segment holds: the groups of its latest generation. */
export interface SegmentContents {
  readonly generation: number;
  readonly groups: readonly LoggedGroup[];
  /** Groups that were there and cannot be read. */
  readonly lost: number;
}

/**
 * Reads a segment; `undefined` when there is none, or no group in it.
 *
 * Behind the latest generation stands what is left of the ones before, whose writes are in the data file. A group at
 * the end that is not whole was being written when the process or the machine went down, and nobody was told that it
 * is stored; one with a later group behind it is damage.
 *
 * @param salt the store's; unset when it is lost: then every record is believed
 */
export function readSegment(path: string, salt: Buffer | undefined): SegmentContents | undefined {
  if (!existsSync(path)) return undefined;
  const segment = readFileSync(path);
  let generation = 0;
  let groups: LoggedGroup[] = [];
  let lost = 0;
  let next = 0;
  for (let at = findRecord(segment, 0, salt); at >= 0; at = findRecord(segment, next, salt)) {
    next = at + 1;
    if (generationAt(segment, at) < generation) continue;
    const group = readGroup(segment, at);
    if (group === undefined) continue;
    if (group.generation > generation) {
      ({ generation } = group);
      [groups, lost] = [[], 0];
    }
    const expected = (groups.at(-1)?.number ?? -1) + 1;
    if (group.number < expected) continue;
    lost += group.number - expected;
    groups.push(group);
    next = group.end;
  }
  return groups.length === 0 ? undefined : { generation, groups, lost };
}
