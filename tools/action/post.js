// Runs where a later step failed: shows what the mock logged.
const fs = require("node:fs");
const path = require("node:path");

const log = path.join(process.env.RUNNER_TEMP, "tracepass-mock.log");
console.log("::group::Log of the TracePass mock");
console.log(fs.existsSync(log) ? fs.readFileSync(log, "utf8") : "The mock did not start.");
console.log("::endgroup::");
