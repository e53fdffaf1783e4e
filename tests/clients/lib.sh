# Sourced by the scripts of this folder: where things go, what a skip is, how servers are started and stopped.

readonly SKIPPED=77
clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$clients/../.." && pwd)
scratch=${OKTASPEC_SCRATCH:-${CARGO_TARGET_DIR:-$root/target}/clients}
work=
server=

# Says why nothing was tested and leaves.
skip() {
    echo "skipped: $*"
    exit "$SKIPPED"
}

# Says what is wrong and leaves.
fail() {
    echo "failed: $*" >&2
    exit 1
}

# Stops the server of this script and removes what it wrote.
tidy() {
    stop_server
    if [[ -n $work ]]; then rm -rf "$work"; fi
}

# Makes `$work`, a folder that goes away with the script.
begin() {
    mkdir -p "$scratch"
    scratch=$(cd "$scratch" && pwd)
    work=$(mktemp -d "$scratch/run.XXXXXX")
    trap tidy EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Makes `$oktaspec`: the program named by OKTASPEC, or a fresh release build.
find_oktaspec() {
    if [[ -z ${OKTASPEC:-} ]]; then
        cargo build --release --quiet --manifest-path "$root/Cargo.toml" --bin oktaspec
        OKTASPEC=${CARGO_TARGET_DIR:-$root/target}/release/oktaspec
    fi
    [[ -x $OKTASPEC ]] || fail "there is no program at OKTASPEC=$OKTASPEC"
    oktaspec=$(cd "$(dirname "$OKTASPEC")" && pwd)/$(basename "$OKTASPEC")
}

# Installs once: `once FOLDER FUNCTION` calls the function for a folder that was never filled to the end.
once() {
    local folder=$1
    if [[ ! -e $folder/complete ]]; then
        rm -rf "$folder"
        mkdir -p "$folder"
        "$2" "$folder"
        touch "$folder/complete"
    fi
}

# From here on no proxy and no account of whoever runs this comes between a client and 127.0.0.1.
isolate() {
    local name
    unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
    for name in "${!OKTA_@}"; do unset "$name"; done
}

# Starts a server in the background, its output in `$work/server.log`.
start_server() {
    : >"$work/server.log"
    "$@" >"$work/server.log" 2>&1 </dev/null &
    server=$!
}

# Waits up to ten seconds until the server has written a line that the pattern fits.
await_line() {
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        if grep -qE "$1" "$work/server.log"; then return 0; fi
        if ! kill -0 "$server" 2>/dev/null; then return 1; fi
        sleep 0.1
    done
    return 1
}

# Stops the server, at once if it has not gone after three seconds.
stop_server() {
    [[ -n $server ]] || return 0
    local tries
    kill "$server" 2>/dev/null || true
    for ((tries = 0; tries < 30; tries++)); do
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}
