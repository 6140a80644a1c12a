#!/usr/bin/env bash
# Brings what the clients in other languages and their tests need: Python packages into tests/clients/.venv and Node
# packages into tests/clients/node/node_modules, pinned with hashes. Without Python or Node it says so, and the tests
# that need them are skipped with a word.
set -euo pipefail
cd "$(dirname "$0")/../tests/clients"

pins=python/requirements.txt
if [[ -f .venv/pins ]] && cmp -s "$pins" .venv/pins; then
    :
elif command -v python3 >/dev/null && python3 -c 'import venv, ensurepip' 2>/dev/null; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$pins"
    cp "$pins" .venv/pins
else
    echo "no python3 with venv here: the stories of mail and of the Python clients will be skipped" >&2
fi

pins=node/package-lock.json
if [[ -f node/node_modules/pins ]] && cmp -s "$pins" node/node_modules/pins; then
    :
elif command -v npm >/dev/null && command -v node >/dev/null; then
    (cd node && npm ci --loglevel=error)
    cp "$pins" node/node_modules/pins
else
    echo "no node with npm here: the stories of the Node client will be skipped" >&2
fi
