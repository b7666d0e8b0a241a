-- Batches for wrk, from workspace to workspace in turn: the file named by BENCH_CALL returns their keys, products and GTINs,
-- the number of items, and how many of them each answer must call created. Each item is new.

local given = dofile(os.getenv("BENCH_CALL"))
local count = 0

function init(_)
  wrong = 0
end

function request()
  count = count + 1
  local workspace = given.workspaces[count % #given.workspaces + 1]
  local items = {}
  for n = 1, given.items do
    items[n] = ('{"productId":"%s","gs1":{"gtin":"%s","serialNumber":"%s-%d-%d"}}'):format(
      workspace.product_id, workspace.gtin, given.tag, count, n)
  end
  local headers = { ["Authorization"] = "Bearer " .. workspace.api_key, ["Content-Type"] = "application/json" }
  return wrk.format("POST", "/api/v1/passports/batch", headers, '{"passports":[' .. table.concat(items, ",") .. "]}")
end

function response(status, _, body)
  if status ~= 200 or not body:find(('"created":%d,'):format(given.created), 1, true) then
    wrong = wrong + 1
  end
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, _, _)
  local wrong, errors = 0, summary.errors
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
  end
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(("RESULT %d %d %d\n"):format(summary.requests, summary.duration, wrong + lost))
end
