#!/usr/bin/env bash
# Installs the mock for the Action (action.yml), beside what the job itself uses.
set -eo pipefail
"$PYTHON" -m venv "$RUNNER_TEMP/tracepass-mock"
"$RUNNER_TEMP/tracepass-mock/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$GITHUB_ACTION_PATH/runtime.lock"
"$RUNNER_TEMP/tracepass-mock/bin/pip" install --quiet --disable-pip-version-check --no-deps "$GITHUB_ACTION_PATH"
