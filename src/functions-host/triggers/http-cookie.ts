import type { HttpCookie } from "../app/functions-core.ts";

const SAME_SITE: Readonly<Record<string, string>> = { lax: "Lax", strict: "Strict", explicitNone: "None" };

/** Formats a cookie as the value of a `Set-Cookie` header. */
export function writeCookie(cookie: HttpCookie): string {
  const { name, value, domain, path, expires, maxAge, secure, httpOnly, sameSite } = cookie;
  const seconds = expires?.value?.seconds;
  const parts = [
    `${name ?? ""}=${encodeURIComponent(value ?? "")}`,
    attribute("Domain", domain?.value),
    attribute("Path", path?.value),
    attribute(
      "Expires",
      seconds === null || seconds === undefined ? undefined : new Date(seconds * 1000).toUTCString(),
    ),
    attribute("Max-Age", maxAge?.value),
    secure?.value === true ? "Secure" : "",
    httpOnly?.value === true ? "HttpOnly" : "",
    attribute("SameSite", SAME_SITE[sameSite ?? ""]),
  ];
  return parts.filter((part) => part !== "").join("; ");
}

function attribute(name: string, value: string | number | null | undefined): string {
  return value === null || value === undefined ? "" : `${name}=${value}`;
}
