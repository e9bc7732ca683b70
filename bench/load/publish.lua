-- Publishes the request bodies in a file, one a line, in turn.
-- Arguments: the file; the number of requests, after which it prints "answered" and sends no more; the number of connections.
--
-- wrk takes no number of requests, so request() counts them: wrk calls it once before it connects, once for each
-- connection, and once for each response. An empty request leaves its connection waiting; when all of them wait, every
-- request has been answered. A response() function would tell as well, but makes wrk copy every header.

local requests = {}
local calls = -1
local limit, connections

function setup(thread)
  worker = thread
end

function init(arguments)
  limit = tonumber(arguments[2])
  connections = tonumber(arguments[3])
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, nil, body)
  end
  startedAt = os.clock()
end

function request()
  calls = calls + 1
  if calls <= limit then
    return requests[calls % #requests + 1]
  end
  if calls == limit + connections then
    io.write("answered\n")
    io.flush()
  end
  return ""
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  local template = '{"event":"done","requests":%d,"microseconds":%d,"failed":%d,"processorMicroseconds":%d}\n'
  local used = (os.clock() - worker:get("startedAt")) * 1e6
  io.write(string.format(template, summary.requests, summary.duration, failed, used))
end
