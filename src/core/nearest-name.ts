/** Maximum length of a text that can be a name with a mistake. Longer ones would take long to compare. */
const MAX_CHARS = 64;

/** Returns the candidate that `typed` was most likely meant to be, or `undefined` if none is similar. */
export function nearestName(typed: string, candidates: readonly string[]): string | undefined {
  if (typed.length > MAX_CHARS) return undefined;
  const lowerCaseName = typed.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(lowerCaseName, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Returns the Levenshtein distance of two texts, which are short because they are names. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
