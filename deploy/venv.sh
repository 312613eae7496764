#!/bin/sh
# Makes .venv where there is none and installs exactly what the lock file names. Speaks on standard error.
# usage: deploy/venv.sh LOCK
set -eu
exec >&2
python=${PYTHON:-python3}

fail() {
    echo "firstline: $*"
    exit 1
}

install() {
    said=$(.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "$@" 2>&1) ||
        { echo "$said"; fail "pip could not install $*"; }
}

command -v "$python" >/dev/null || fail "$python is missing; on Debian: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version 2>&1) is too old: Python 3.11 or newer is needed; PYTHON=… names another one"
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "$python has no venv module; on Debian: apt-get install python3-venv"

echo "firstline: setting up .venv from $1"
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear .venv || fail ".venv could not be made"
fi
install --require-hashes -r "$1"
install --no-deps --no-build-isolation -e .
