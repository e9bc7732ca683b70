import { describe, expect, it } from "vitest";
import { parseWrkOutput, parseWrkVersion } from "./wrk-output.ts";

/** Output of wrk 4.1.0. */
const output = `Running 2m test @ http://127.0.0.1:39471/x
  1 threads and 64 connections
answered
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     5.73ms    9.12ms 140.93ms   95.38%
    Req/Sec    14.31k     4.92k   19.66k    64.29%
  20000 requests in 1.41s, 2.33MB read
Requests/sec:  14197.66
Transfer/sec:      1.65MB
{"event":"done","requests":20000,"microseconds":1408683,"failed":3,"processorMicroseconds":268746}
`;

describe("parseWrkOutput", () => {
  it("returns the result that the script wrote", () => {
    expect(parseWrkOutput(output)).toEqual({
      requests: 20_000,
      seconds: 1.408683,
      failed: 3,
      processorNanoseconds: 268_746_000,
    });
  });

  it("throws with wrk's own message if there is no result", () => {
    expect(() => parseWrkOutput("unable to connect to 127.0.0.1:1 Connection refused\n")).toThrow("Connection refused");
  });

  it("throws if a number is missing", () => {
    expect(() => parseWrkOutput('{"event":"done","requests":1}\n')).toThrow("microseconds");
  });
});

describe("parseWrkVersion", () => {
  it("returns the version of wrk", () => {
    const text = "wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer\nUsage: wrk <options> <url>\n";
    expect(parseWrkVersion(text)).toBe("debian/4.1.0-3+b2");
  });

  it("returns nothing for another program", () => {
    expect(parseWrkVersion("h2load nghttp2/1.52.0\n")).toBeUndefined();
  });
});
