/**
 * Returns the texts in the gaps between fixed parts that a text consists of, as much in each as can be from left to
 * right; `undefined` when the text does not fit. Takes time in proportion to the text, whatever it is: looks for the parts
 * from the right, where the first place that fits is the right one.
 *
 * @param parts one more than there are gaps; the text begins with the first and ends with the last
 * @param least characters in each gap
 * @example matchGaps("a-b.png", ["", "-", ".png"], 1) // ["a", "b"]
 */
export function matchGaps(text: string, parts: readonly string[], least: 0 | 1): readonly string[] | undefined {
  const [first = "", ...others] = parts;
  const last = others.pop();
  if (last === undefined) return text === first ? [] : undefined;
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined;
  const gaps: string[] = [];
  let end = text.length - last.length;
  for (const part of others.toReversed()) {
    const from = end - least - part.length;
    const at = from < 0 ? -1 : text.lastIndexOf(part, from);
    if (at < first.length) return undefined;
    gaps.push(text.slice(at + part.length, end));
    end = at;
  }
  if (end - first.length < least) return undefined;
  gaps.push(text.slice(first.length, end));
  return gaps.toReversed();
}
