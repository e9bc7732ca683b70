/** Returns the media type of a `Content-Type`, without parameters and in lower case. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  return type === "" ? undefined : type;
}
