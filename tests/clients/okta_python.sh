#!/usr/bin/env bash
# Okta's own client for Python against `oktaspec serve`: `okta_python.py` says what it does there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly version=3.4.6

install() {
    local log=$work/pip.log
    python3 -m venv "$1/venv" >"$log" 2>&1 || skip "python3 cannot make a virtual environment: $(tail -n 1 "$log")"
    timeout 300 "$1/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --retries 1 \
        "okta==$version" >"$log" 2>&1 || skip "okta $version could not be installed: $(tail -n 1 "$log")"
}

command -v python3 >/dev/null || skip "there is no python3"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "python3 is older than 3.10"
begin
once "$scratch/okta-$version" install
find_oktaspec
isolate

start_server "$oktaspec" serve --port 0
if ! await_line '^url: ' || ! await_line '^token: '; then
    cat "$work/server.log" >&2
    fail "\`oktaspec serve\` did not say its address and its token"
fi
url=$(sed -n 's/^url: *//p' "$work/server.log" | head -n 1)
token=$(sed -n 's/^token: *//p' "$work/server.log" | head -n 1)

# The client also reads ~/.okta/okta.yaml and ./okta.yaml, which would win over the environment.
cd "$work"
if ! HOME=$work OKTA_TESTING_TESTINGDISABLEHTTPSCHECK=true PYTHONDONTWRITEBYTECODE=1 timeout 120 \
    "$scratch/okta-$version/venv/bin/python" "$clients/okta_python.py" "$url" "$token"; then
    fail "okta $version is not content with \`oktaspec serve\`"
fi
