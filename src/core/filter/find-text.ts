/**
 * Maximum length of a part for which the built-in search takes time in proportion to the text. For a longer part it
 * skips ahead by the last 250 characters only, and may compare the rest again at every position.
 */
const BUILT_IN_CHARS = 250;

/** Returns whether a text contains a certain part. Takes time in proportion to the text, whatever its content. */
export type TextTest = (text: string) => boolean;

/** Returns a test for texts that contain a part. */
export function containing(part: string): TextTest {
  if (part.length <= BUILT_IN_CHARS) return (text) => text.includes(part);
  const codes = Uint16Array.from({ length: part.length }, (_, at) => part.charCodeAt(at));
  const borders = bordersOf(codes);
  return (text) => contains(text, codes, borders);
}

/**
 * Returns, for each prefix of `part`, the length of its longest proper prefix that is also its suffix (the failure
 * function of Knuth, Morris and Pratt).
 */
function bordersOf(part: Uint16Array): Uint32Array {
  const borders = new Uint32Array(part.length);
  let border = 0;
  for (let at = 1; at < part.length; at += 1) {
    while (border > 0 && part[at] !== part[border]) border = borders[border - 1] ?? 0;
    if (part[at] === part[border]) border += 1;
    borders[at] = border;
  }
  return borders;
}

function contains(text: string, part: Uint16Array, borders: Uint32Array): boolean {
  const { length } = text;
  let matched = 0;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    while (matched > 0 && code !== part[matched]) matched = borders[matched - 1] ?? 0;
    if (code === part[matched]) matched += 1;
    if (matched === part.length) return true;
  }
  return false;
}
