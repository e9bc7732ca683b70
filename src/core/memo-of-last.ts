/**
 * Returns a function that calls `compute` and caches its latest result, which it returns while the key stays the
 * same. For keys that mostly repeat: comparing two equal strings costs less than a look-up in a map, and memory
 * does not grow.
 * Measured in docs/hot-path.md.
 */
export function memoOfLast<Value>(compute: (key: string) => Value): (key: string) => Value {
  let latest: { readonly key: string; readonly value: Value } | undefined;
  return (key) => {
    if (latest?.key !== key) latest = { key, value: compute(key) };
    return latest.value;
  };
}
