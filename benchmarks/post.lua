-- Posts signed texts from a file: a line is a signature, a tab, the form. Each is posted once; `again` counts the rest.
-- Ends with one line of JSON.
local threads = {}

function setup(thread)
  thread:set("place", #threads)
  threads[#threads + 1] = thread
end

function init(args)
  local path, of, host = args[1], tonumber(args[2]), args[3]
  posts, sent = {}, 0
  local line = 0
  for text in io.lines(path) do
    if line % of == place then
      local signature, form = text:match("^(.-)\t(.*)$")
      posts[#posts + 1] = wrk.format("POST", nil, {
        ["Host"] = host,
        ["Content-Type"] = "application/x-www-form-urlencoded",
        ["X-Twilio-Signature"] = signature,
      }, form)
    end
    line = line + 1
  end
  many = #posts
end

function request()
  sent = sent + 1
  return posts[(sent - 1) % many + 1]
end

function done(summary, latency, requests)
  local again = 0
  for _, thread in ipairs(threads) do
    again = again + math.max(0, thread:get("sent") - thread:get("many"))
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f, "refused": %d, "broken": %d, "again": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout, again))
end
