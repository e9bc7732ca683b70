/**
 * Matches letters outside ASCII whose upper case is an ASCII letter. An ordinal comparison does not treat the two as
 * equal.
 */
const FALSE_ASCII = /[ıſ]/u;

/**
 * Returns the form of a text in which two texts are equal that differ only in case. The conversion is ordinal and
 * independent of culture: each character is replaced by its own upper case if that is one character of the same
 * length, and kept otherwise (`ß` stays). The result is as long as the text, so prefixes, suffixes and parts keep
 * their positions.
 *
 * @example foldCase("Straße") // "STRAßE"
 * Source: [EG-FILTER-TEXT-CASE]
 */
export function foldCase(text: string): string {
  const upper = text.toUpperCase();
  if (upper.length === text.length && !FALSE_ASCII.test(text)) return upper;
  let folded = "";
  for (const character of text) folded += foldCharacter(character);
  return folded;
}

function foldCharacter(character: string): string {
  if (FALSE_ASCII.test(character)) return character;
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper : character;
}
