import { MinHeap } from "../../core/min-heap.ts";

/** Returns the `max` smallest items in order. Reads each item once and holds at most `max` items in memory. */
export function takeSmallest<T>(items: Iterable<T>, max: number, isBefore: (one: T, other: T) => boolean): T[] {
  const largestFirst = new MinHeap<T>((one, other) => isBefore(other, one));
  for (const item of items) {
    largestFirst.push(item);
    if (largestFirst.size > max) largestFirst.pop();
  }
  const smallest: T[] = [];
  for (let largest = largestFirst.pop(); largest !== undefined; largest = largestFirst.pop()) smallest.push(largest);
  return smallest.toReversed();
}
