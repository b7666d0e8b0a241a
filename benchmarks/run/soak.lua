-- For wrk: a mix that leaves the state as large as it was. The file named by BENCH_CALL returns key, product, GTIN, tag,
-- delay (milliseconds before each request) and fills (true: only calls that fill the store of answers).
-- Passports are created and deleted, new keys are used for batches whose one item fails, and the rest stores nothing.

local given = dofile(os.getenv("BENCH_CALL"))
local headers = { ["Authorization"] = "Bearer " .. given.api_key, ["Content-Type"] = "application/json" }
local count, ids = 0, {}

local function item(serial)
  return ('{"productId":"%s","gs1":{"gtin":"%s","serialNumber":"%s"}}'):format(given.product_id, given.gtin, serial)
end

local function batch(key, ...)
  local with = { ["Idempotency-Key"] = key }
  for name, value in pairs(headers) do
    with[name] = value
  end
  return wrk.format("POST", "/api/v1/passports/batch", with, '{"passports":[' .. table.concat({ ... }, ",") .. "]}")
end

local function taken()
  return batch(("%s-%d"):format(given.tag, count), item("SOAK-1"))
end

local kinds = {
  function()
    local serial = ("%s-%d-"):format(given.tag, count)
    return batch(nil, item(serial .. "1"), item(serial .. "2"), item(serial .. "3"))
  end,
  taken,
  function() return batch("soak-first", item("SOAK-1")) end,
  function() return wrk.format("GET", "/api/v1/passports?search=soak-1", headers) end,
  function() return wrk.format("GET", "/api/v1/passports/by-serial/SOAK-1", headers) end,
}

function init(_)
  wrong = 0
end

function delay()
  return given.delay
end

function request()
  count = count + 1
  if given.fills then
    return taken()
  end
  if count % 2 == 0 and #ids > 0 then
    return wrk.format("DELETE", "/api/v1/passports/" .. table.remove(ids), headers)
  end
  return kinds[math.floor(count / 2) % #kinds + 1]()
end

function response(status, _, body)
  if status ~= 200 then
    wrong = wrong + 1
  elseif body:find('"created":3,', 1, true) then
    for id in body:gmatch('"_id":"(%x+)"') do
      ids[#ids + 1] = id
    end
  end
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency, _)
  local wrong, errors = 0, summary.errors
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
  end
  io.write(("RESULT %d %d %d %d %d %d %d\n"):format(
    summary.requests, summary.duration, wrong, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
