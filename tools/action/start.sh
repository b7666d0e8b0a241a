#!/usr/bin/env bash
# Starts the mock for the Action (action.yml), which serves until the end of the job.
set -eo pipefail
ready="$RUNNER_TEMP/tracepass-mock.json" log="$RUNNER_TEMP/tracepass-mock.log"
rm -f "$ready"
nohup "$RUNNER_TEMP/tracepass-mock/bin/tracepass-mock" --port "$PORT" --ready-file "$ready" ${CARD:+--readings "$CARD"} $OPTIONS > "$log" 2>&1 &
for _ in $(seq 300); do
  [ -s "$ready" ] && break
  kill -0 $! 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.1
done
[ -s "$ready" ] || { cat "$log" >&2; echo "The mock did not start within 30 seconds." >&2; exit 1; }
read -r base_url control_url control_token < <("$RUNNER_TEMP/tracepass-mock/bin/python" -c \
  'import json, sys; ready = json.load(open(sys.argv[1])); print(ready["base_url"], ready["control_url"], ready["control_token"] or "")' "$ready")
[ -z "$control_token" ] || echo "::add-mask::$control_token"
printf 'base_url=%s\ncontrol_url=%s\ncontrol_token=%s\n' "$base_url" "$control_url" "$control_token" >> "$GITHUB_OUTPUT"
printf 'TRACEPASS_BASE_URL=%s\n' "$base_url" >> "$GITHUB_ENV"
echo "TracePass mock at $base_url"
