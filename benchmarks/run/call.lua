-- One call for wrk, over and over: the file named by BENCH_CALL returns a table with method, path, headers, body, status,
-- pattern and look_back. Each @@ of the body becomes a text that no other request has; @@ in the path, one of 100 numbers.
-- An answer is right when it has the status, and the pattern stands in its last look_back characters.

local call = dofile(os.getenv("BENCH_CALL"))
local pieces, count = {}, 0
for piece in (call.body .. "@@"):gmatch("(.-)@@") do
  pieces[#pieces + 1] = piece
end
local before, after = call.path:match("^(.-)@@(.*)$")
local constant

function init(_)
  wrong, sample = 0, ""
  constant = #pieces == 1 and not before and wrk.format(call.method, call.path, call.headers, call.body)
end

function request()
  if constant then
    return constant
  end
  count = count + 1
  local path = before and before .. ("%03d"):format(count % 100) .. after or call.path
  local body = { pieces[1] }
  for n = 2, #pieces do
    body[#body + 1] = ("%s-%d-%d"):format(call.tag, count, n)
    body[#body + 1] = pieces[n]
  end
  return wrk.format(call.method, path, call.headers, table.concat(body))
end

function response(status, _, body)
  if status ~= call.status or not body:find(call.pattern, -call.look_back) then
    wrong = wrong + 1
    if sample == "" then
      sample = status .. " " .. body:sub(-160)
    end
  end
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency, _)
  local wrong, sample = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    sample = thread:get("sample")
  end
  local errors = summary.errors
  io.write(("RESULT %d %d %d %d %d %d %d\n"):format(
    summary.requests, summary.duration, wrong, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
  io.write("SAMPLE ", (sample:gsub("%c", " ")), "\n")
end
