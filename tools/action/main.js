// Installs and starts the mock: the inputs of action.yml become the variables of the two scripts.
const { spawnSync } = require("node:child_process");
const path = require("node:path");

const { INPUT_PORT, INPUT_READINGS, INPUT_OPTIONS, INPUT_PYTHON } = process.env;
const env = {
  ...process.env,
  GITHUB_ACTION_PATH: path.resolve(__dirname, "../.."),
  PORT: INPUT_PORT, CARD: INPUT_READINGS, OPTIONS: INPUT_OPTIONS, PYTHON: INPUT_PYTHON,
};
for (const script of process.argv.length > 2 ? process.argv.slice(2) : ["install.sh", "start.sh"]) {
  const { status } = spawnSync("bash", [path.join(__dirname, script)], { stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
}
