#!/bin/sh
# Writes requirements.lock and requirements-dev.lock: what pyproject.toml allows, pinned, with hashes and no addresses.
# Compiled on the oldest Python that is supported, since newer ones need no more than it does.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

compile() {
    lock=$1
    shift
    .venv/bin/pip-compile pyproject.toml --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
        --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
        --build-deps-for editable --output-file "$folder/$lock" "$@" >"$folder/said" 2>&1 ||
        { cat "$folder/said" >&2; exit 1; }
    if grep -nE '://|^-|/' "$folder/$lock" >&2; then
        echo "firstline: $lock would name a place of this machine or an index; nothing was written" >&2
        exit 1
    fi
    { echo "# Made by make lock from pyproject.toml; not edited by hand."; cat "$folder/$lock"; } >"$folder/$lock.new"
}

compile requirements.lock --extra mail,imap,slack,openai,postgresql
compile requirements-dev.lock --extra mail,imap,slack,openai,postgresql,dev --constraint "$folder/requirements.lock"
mv "$folder/requirements.lock.new" requirements.lock
mv "$folder/requirements-dev.lock.new" requirements-dev.lock
