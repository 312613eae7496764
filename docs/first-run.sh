#!/bin/sh
# Plays a new administrator's first hour in a folder of its own and writes what really happened to docs/first-run.md.
# usage: docs/first-run.sh, after make run or make test has set up .venv
set -eu
cd "$(dirname "$0")/.."
page=$PWD/docs/first-run.md
PATH=$PWD/.venv/bin:$PATH
folder=$(mktemp -d)
desk=''
trap '[ -z "$desk" ] || kill "$desk" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
for name in $(env | sed -n 's/^\(FIRSTLINE[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
exec 3>"$page.new"

say() { printf '%s\n' "$@" >&3; }

# A command with what it printed; what went wrong ends the whole.
run() {
    printf '\n    $ %s\n' "$1" >&3
    wanted=${2:-0} code=0
    sh -c "$1" >out 2>&1 || code=$?
    sed -e "s|$folder|/srv/desk|g" -e 's/^/    /' -e 's/ *$//' out >&3
    [ "$code" -eq "$wanted" ] || { cat out >&2; echo "firstline: '$1' ended with $code" >&2; exit 1; }
    [ "$code" -eq 0 ] || printf '    (exit code %s)\n' "$code" >&3
}

until_ready() {
    tries=0
    until grep -q "$1" desk.log; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { cat desk.log >&2; exit 1; }
        sleep 0.1
    done
}

say "# The first run" "" \
    "What a new administrator does and sees: every line below was printed by a real run of \`docs/first-run.sh\`. The" \
    "mail addresses are examples, and mail goes out to files, since there is no relay." \
    "" "## Setting up"
run 'firstline init --domains help.example.com --name Lumenpost --agents-mail oncall@corp.example --watch --yes'
say "" "Without flags it asks. Something to answer from, and somebody to work the tickets:"
cat >knowledge/reset-password.md <<'ARTICLE'
---
title: Reset your password
tags: [password, sign in]
updated: 2026-11-01
---

To reset your password, open the sign-in page and choose **Forgot password**. We send you a link that is valid for 60
minutes. Open it and choose a new password of at least twelve characters.
ARTICLE
run 'cat knowledge/reset-password.md'
run 'firstline check' 1
run 'firstline agent add bea --mail bea@corp.example'
run 'firstline check'

say "" "## Running"
printf '\n    $ firstline serve\n' >&3
firstline serve 2>desk.log &
desk=$!
until_ready '^ready'
sed -e 's/^/    /' desk.log >&3
say "" "In another terminal, a test mail. The desk only watches, so nobody is answered; what it would have said is the draft:"
run 'firstline send "I forgot my password. How can I reset my password?"'
run 'firstline ticket list'
run 'firstline ticket show 1001'

say "" "## A week later" "" "Watching ends and answers are sent; a running desk takes the change on SIGHUP (\`systemctl reload firstline\`):"
run "sed -i -e 's/^watch = true/watch = false/' -e 's/^level = \"draft\"/level = \"automatic\"/' firstline.toml"
printf '\n    $ kill -HUP %s\n' '"$(pidof firstline)"' >&3
kill -HUP "$desk"
until_ready reloaded
grep reloaded desk.log | sed -e 's/^/    /' >&3
run 'firstline send "I forgot my password. How can I reset my password?"'
say "" "And somebody who can't wait is called for:"
run 'firstline send "Somebody has broken into my account, I need a human now"'
run 'firstline outbox list | cut -f 3,4,5,6'
run 'firstline check'
run 'firstline status --once'
printf '\n    $ kill %s\n' '"$(pidof firstline)"' >&3
kill "$desk"
wait "$desk"
desk=''
mv "$page.new" "$page"
