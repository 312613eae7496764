#!/bin/sh
# Runs a program and starts it again when it exits 70, at most five times in a minute.
# SIGTERM, SIGINT and SIGHUP reach the program as SIGTERM; then it is waited for, and its exit code is ours.
# usage: deploy/supervise.sh PROGRAM [ARGUMENT…]
set -u
BROKEN=70
RESTARTS=5
WITHIN=60

program='' watch='' stopping='' signalled='' restarts=''

stop() {
    stopping=yes signalled=yes
    [ -z "$program" ] || kill -TERM "$program" 2>/dev/null
}

# Sets `code`. A signal ends `wait` early, so it is asked again; 127: it had told us already.
await_program() {
    wait "$program"
    code=$?
    while [ -n "$signalled" ]; do
        signalled=''
        wait "$program"
        again=$?
        [ "$again" -eq 127 ] || code=$again
    done
}

# True when fewer than five of the restarts so far were in the last minute; counts this one.
may_restart() {
    now=$(date +%s) recent='' count=0
    for then in $restarts; do
        [ $((now - then)) -ge "$WITHIN" ] || { recent="$recent $then" count=$((count + 1)); }
    done
    restarts="$recent $now"
    [ "$count" -lt "$RESTARTS" ]
}

# GNU make passes SIGTERM on but not SIGINT; having had one, it catches it no more (signal 2: bit 1 of the mask).
parent_catches_int() {
    while read -r name value; do
        case "$name $value" in
            SigCgt:*[2367abef]) return 0 ;;
        esac
    done 2>/dev/null <"/proc/$PPID/status"
    return 1
}

watch_make() {
    nap=''
    trap '[ -z "$nap" ] || { kill "$nap"; wait "$nap"; } 2>/dev/null; exit' TERM
    kill -USR1 "$$"
    while :; do
        sleep 1 &
        nap=$!
        wait "$nap"
        parent_catches_int || { kill -TERM "$$"; exit; }
    done
}

trap stop TERM INT HUP
if [ -n "${MAKELEVEL:-}" ] && parent_catches_int; then
    # A signal that comes before it has set its trap would be lost, and our wait for it would never end.
    watching=''
    trap 'watching=yes' USR1
    watch_make &
    watch=$!
    while [ -z "$watching" ] && kill -0 "$watch" 2>/dev/null; do sleep 0.02; done
fi

while :; do
    "$@" &
    program=$!
    [ -z "$stopping" ] || kill -TERM "$program" 2>/dev/null
    await_program
    [ "$code" -eq "$BROKEN" ] && [ -z "$stopping" ] || break
    if ! may_restart; then
        echo "firstline: broken again after $RESTARTS restarts in a minute; given up" >&2
        break
    fi
    echo "firstline: the desk broke and is started again" >&2
done
[ -z "$watch" ] || { kill -TERM "$watch" && wait "$watch"; } 2>/dev/null
exit "$code"
