#!/bin/sh
# Runs a stored job of Sluice and waits for its end: a task of Airflow, DolphinScheduler or anything else that starts commands.
#
#   run-job.sh <job> [name=value …]
#
# SLUICE_ENDPOINT     address of the API, such as https://sluice.example.com
# SLUICE_TOKEN        token of the role operator (developer, for SLUICE_ENVIRONMENT=development)
# SLUICE_WORKSPACE    the workspace; default: default
# SLUICE_ENVIRONMENT  development or production; default: production in a basic workspace, development in a standard one
# SLUICE_KEY          names this task: called again under the same key, it finds the run that is there already
#
# Exit codes, as of the command sluice: 0 done, 1 failed, 2 bad input, 3 error limit, 4 unreachable, 5 cancelled.
# Ended by a signal, it cancels the run. Needs a POSIX shell, curl and grep -o.
set -u

[ $# -ge 1 ] || { echo "usage: run-job.sh <job> [name=value …]" >&2; exit 2; }
: "${SLUICE_ENDPOINT:?}" "${SLUICE_TOKEN:?}"
job=$1
shift
answer=$(mktemp) || exit 1
run=
trap 'rm -f "$answer"' EXIT

# A text as JSON has it.
quoted() {
  printf '"%s"' "$(printf %s "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g')"
}

# The first value of a field in the answer; texts inside of others have their quotes escaped, so they are no match.
field() {
  grep -o "\"$1\":\"[^\"]*\"" "$answer" | head -n 1 | cut -d '"' -f 4
}

# call <method> <path> [body]: leaves the status in $status; what may pass is tried again for a while.
call() {
  tries=0
  while :; do
    status=$(printf 'header = "authorization: Bearer %s"\n' "$SLUICE_TOKEN" |
      curl -sS -K - -o "$answer" -w '%{http_code}' -X "$1" -H 'content-type: application/json' \
        -H "x-sluice-workspace: ${SLUICE_WORKSPACE:-default}" --max-time 90 ${3:+--data-binary "$3"} "$SLUICE_ENDPOINT$2") || status=000
    case $status in
      000 | 429 | 5*) tries=$((tries + 1)) ;;
      *) return ;;
    esac
    [ "$tries" -lt "${SLUICE_TRIES:-10}" ] || { echo "the Sluice API does not answer: $status $(cat "$answer")" >&2; exit 4; }
    sleep "${SLUICE_PAUSE:-5}"
  done
}

cancel() {
  [ -z "$run" ] || { call POST "/v1/runs/$run/cancel" '{}'; echo "cancelled run $run" >&2; }
  exit 5
}
trap cancel INT TERM HUP

parameters=
for pair in "$@"; do
  case $pair in
    *=*) parameters="$parameters${parameters:+,}$(quoted "${pair%%=*}"):$(quoted "${pair#*=}")" ;;
    *) echo "$pair: expected name=value" >&2; exit 2 ;;
  esac
done
key=${SLUICE_KEY:-$job-$(date +%s)-$$}
body="{\"job\":$(quoted "$job"),\"parameters\":{$parameters},\"idempotencyKey\":$(quoted "$key")"
[ -z "${SLUICE_ENVIRONMENT:-}" ] || body="$body,\"environment\":$(quoted "$SLUICE_ENVIRONMENT")"

call POST /v1/runs "$body}"
[ "$status" = 202 ] || { echo "run refused: $(cat "$answer")" >&2; exit 2; }
run=$(field id)
echo "run $run"

while :; do
  # curl waits in the background, so that a signal is heard at once.
  (call GET "/v1/runs/$run?wait=50"; [ "$status" = 200 ]) &
  wait $! || { code=$?; cat "$answer" >&2; [ "$code" = 4 ] && exit 4; exit 2; }
  state=$(field state)
  case $state in
    succeeded) exit 0 ;;
    cancelled) echo "run $run was cancelled" >&2; exit 5 ;;
    failed) break ;;
  esac
done
cat "$answer" >&2
case $(grep -o '"error":{"code":"[A-Z_]*"' "$answer" | head -n 1) in
  *ERROR_LIMIT_EXCEEDED*) exit 3 ;;
  *SOURCE_UNREACHABLE*) exit 4 ;;
  *SCRIPT_INVALID* | *CONFIG_INVALID* | *PARAMETER_MISSING* | *NOT_FOUND* | *UNSUPPORTED*) exit 2 ;;
  *) exit 1 ;;
esac
