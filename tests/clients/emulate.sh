#!/usr/bin/env bash
# A server that nobody here wrote: `emulate` from npm, started as its Okta, is judged by `oktaspec run`. What is found must be
# what `emulate.expected` lists and explains, no more and no less. `emulate.sh -v` prints every finding.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly version=0.12.2 node_version=24.21.0

install() {
    local log=$work/npm.log
    # Node comes as a package whose install script fetches the program.
    echo '{"private": true, "allowScripts": {"node": true}}' >"$1/package.json"
    (
        cd "$1"
        timeout 300 npm install --no-save --no-package-lock --no-audit --no-fund --no-update-notifier --fetch-retries=1 \
            "emulate@$version" "node@$node_version"
    ) >"$log" 2>&1 || skip "emulate $version could not be installed: $(grep -i error "$log" | head -n 1)"
    "$1/node_modules/.bin/node" --version >"$log" 2>&1 || skip "Node $node_version does not run here: $(tail -n 1 "$log")"
}

# Starts emulate on a port that was free a moment ago; says so when another program was faster.
start_emulate() {
    port=$("$node" -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
        console.log(s.address().port); s.close() })')
    # Without --base-url its links lead to `localhost`, which is another origin than the one that is asked.
    start_server "$node" "$modules/emulate/dist/index.js" start -p "$port" --host 127.0.0.1 -s okta \
        --base-url "http://127.0.0.1:$port"
    await_line 'Ready\.'
}

command -v npm >/dev/null || skip "there is no npm"
begin
once "$scratch/emulate-$version" install
find_oktaspec
isolate
modules=$scratch/emulate-$version/node_modules
node=$modules/.bin/node

# It reads ./emulate.config.* of the folder where it starts.
cd "$work"
attempts=3
until start_emulate; do
    stop_server
    if ! ((--attempts)); then
        cat "$work/server.log" >&2
        fail "emulate $version does not start"
    fi
done

# Any token will do, which is one of the findings. It may ask 5,000 times an hour: little of that is spent on making failures
# smaller. The engine is stated because no endpoint tells it; without it nobody would ask for the sign-in that emulate lacks.
code=0
OKTA_CLIENT_TOKEN=00any timeout 300 "$oktaspec" run --target "http://127.0.0.1:$port" --disposable \
    --state org.engine=classic --seed emulate --shrink 5 --report "json=$work/log.json" >"$work/run.log" 2>&1 || code=$?
# 1: it deviates. Conforming would be as wrong as not getting to an end.
if ((code != 1)) || [[ ! -s $work/log.json ]]; then
    tail -n 40 "$work/run.log" >&2
    fail "\`oktaspec run\` against emulate $version ended with $code; expected are 1 and an event log"
fi
"$node" "$clients/findings.mjs" "$work/log.json" "$clients/emulate.expected" "$@" ||
    fail "what was found at emulate $version is not what emulate.expected lists"
