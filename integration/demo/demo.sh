#!/bin/sh
# Shows syn3d at work on a real service: a web server with a log, in a scan
# directory that lasts as long as the show. Usage: demo.sh SYN3D WEB
set -eu
syn3d=$1
web=$2
address=$("$web" free)

stage=$(mktemp -d "${TMPDIR:-/tmp}/syn3d.XXXXXX")
svscan=
finish() {
    trap - EXIT
    [ -z "$svscan" ] || kill "$svscan" 2>/dev/null || :
    wait
    rm -rf "$stage"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}
explain() { printf '\n# %s\n' "$*"; }
process() { svstat web | sed -n 's/.*(pid \([0-9]*\)).*/\1/p'; }
until_true() {
    tries=100
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "demo: gave up waiting for: $*" >&2; exit 1; }
        sleep 0.1
    done
}

mkdir "$stage/bin" "$stage/service"
for name in $("$syn3d" --list); do ln -s "$syn3d" "$stage/bin/$name"; done
PATH=$stage/bin:$PATH
export SVDIR="$stage/service"

mkdir -p "$stage/web/log"
cat >"$stage/web/run" <<EOF
#!/bin/sh
exec 2>&1
exec $web $address
EOF
cat >"$stage/web/log/run" <<EOF
#!/bin/sh
exec cat >>../requests.txt
EOF
touch "$stage/web/down"
chmod +x "$stage/web/run" "$stage/web/log/run"

explain "A service is a directory with a program named run."
show cat "$stage/web/run"
explain "svscan keeps every service in its directory running."
svscan "$SVDIR" &
svscan=$!
ln -s "$stage/web" "$SVDIR/web"
until_true svok web
show svstat web
explain "It has a file named down, so it waits to be started."
show svcstart web
until_true "$web" get "$address"
show "$web" get "$address"
before=$(process)
explain "A crash: the service is back before one can look."
show kill -9 "$before"
restarted() { now=$(process) && [ -n "$now" ] && [ "$now" != "$before" ]; }
until_true restarted
show svstat web
until_true "$web" get "$address"
show "$web" get "$address"
show svcrestart web
show svcstop web
show svstat web
explain "What it printed meanwhile went to its log."
show cat "$stage/web/requests.txt"
explain "TERM ends svscan, and with it whatever still runs."
kill "$svscan"
wait "$svscan"
svscan=
echo "svscan has ended with exit code 0."
