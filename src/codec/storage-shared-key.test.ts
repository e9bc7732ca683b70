import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sharedKeyAuthorization } from "./storage-shared-key.ts";

const key = Buffer.from("a key of no account").toString("base64");
const sign = (text: string): string => {
  const hmac = createHmac("sha256", Buffer.from(key, "base64"));
  return `SharedKey acc:${hmac.update(text, "utf8").digest("base64")}`;
};
const date = "Fri, 26 Jun 2015 23:39:12 GMT";
const base = { "x-ms-date": date, "x-ms-version": "2021-12-02" };
const msHeaders = `x-ms-date:${date}\nx-ms-version:2021-12-02\n`;

describe("sharedKeyAuthorization", () => {
  it.each([
    {
      name: "a read without query",
      method: "HEAD",
      url: "http://h/acc/c/a%20b%2Bc.txt",
      headers: base,
      text: `HEAD\n\n\n\n\n\n\n\n\n\n\n\n${msHeaders}/acc/acc/c/a%20b%2Bc.txt`,
    },
    {
      name: "all standard headers in their places",
      method: "PUT",
      url: "http://acc.blob.localhost/c/b",
      headers: {
        ...base,
        "content-encoding": "1",
        "content-language": "2",
        "content-length": "3",
        "content-md5": "4",
        "content-type": "5",
        date: "6",
        "if-modified-since": "7",
        "if-match": "8",
        "if-none-match": "9",
        "if-unmodified-since": "10",
        range: "11",
      },
      text: `PUT\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n${msHeaders}/acc/c/b`,
    },
    {
      name: "a length of zero as no length",
      method: "PUT",
      url: "http://acc.blob.localhost/c/b",
      headers: { ...base, "content-length": "0" },
      text: `PUT\n\n\n\n\n\n\n\n\n\n\n\n${msHeaders}/acc/c/b`,
    },
    {
      name: "x-ms headers by name, trimmed, and no others",
      method: "PUT",
      url: "http://acc.blob.localhost/c/b",
      headers: { "x-ms-meta-b": " y ", "user-agent": "me", ...base, "x-ms-blob-type": "BlockBlob" },
      text: `PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-blob-type:BlockBlob\nx-ms-date:${date}\nx-ms-meta-b:y\nx-ms-version:2021-12-02\n/acc/c/b`,
    },
    {
      name: "a query decoded, in lower case, sorted by name, values of one name together",
      method: "GET",
      url: "http://h/acc/c?restype=container&Comp=list&prefix2=z&prefix=a%20b&include=tags&include=metadata",
      headers: base,
      text: `GET\n\n\n\n\n\n\n\n\n\n\n\n${msHeaders}/acc/acc/c\ncomp:list\ninclude:metadata,tags\nprefix:a b\nprefix2:z\nrestype:container`,
    },
  ])("[EG-STORAGE-SHAREDKEY] signs $name", ({ method, url, headers, text }) => {
    expect(sharedKeyAuthorization({ account: "acc", key, method, url: new URL(url), headers })).toBe(sign(text));
  });
});
