/** The parts of a connection string, names in lower case. Values are secrets unless known to be none. */
export type ConnectionString = ReadonlyMap<string, string>;

/** Reads `Name=value;Name=value`, as Azure writes it: a value may hold further equals signs. */
export function parseConnectionString(text: string): ConnectionString {
  return new Map(
    text.split(";").flatMap((part): (readonly [string, string])[] => {
      const equals = part.indexOf("=");
      return equals < 1 ? [] : [[part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()]];
    }),
  );
}
