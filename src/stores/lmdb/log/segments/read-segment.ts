import { findRecord, generationAt, readGroup, type LoggedGroup } from "./group-record.ts";

/** The groups of one generation in a log segment. */
export interface SegmentContents {
  readonly generation: number;
  readonly groups: readonly LoggedGroup[];
  /** Number of groups that cannot be read although a later one can. */
  readonly lost: number;
}

/**
 * Reads the groups of a segment's latest generation; `undefined` if there is none.
 *
 * Groups of earlier generations, whose writes are in the data file, may follow those of the latest one. An incomplete
 * group at the end was being written when the process or the machine stopped, and was never acknowledged. An incomplete
 * group with a later group behind it is damage.
 *
 * @param salt salt of the store; if unset because it is lost, all records are accepted
 */
export function readSegment(segment: Buffer, salt: Buffer | undefined): SegmentContents | undefined {
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
