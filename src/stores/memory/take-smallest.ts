import { MinHeap } from "../../core/min-heap.ts";

/** Returns the smallest items in order, `max` at most. Looks at each once and keeps no more than `max` of them. */
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
