/** Parts of a connection string by lower-case name. Treat each value as a secret unless its name says otherwise. */
export type ConnectionString = ReadonlyMap<string, string>;

/** Parses `Name=value;Name=value`. A value may contain further equals signs. */
export function parseConnectionString(text: string): ConnectionString {
  return new Map(
    text.split(";").flatMap((part): (readonly [string, string])[] => {
      const equals = part.indexOf("=");
      return equals < 1 ? [] : [[part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()]];
    }),
  );
}
