#!/usr/bin/env bash
# Holds the files of deploy/ to the programs that read them, those that are here; says which are not. promtool comes
# with Debian's package prometheus, systemd-analyze with systemd, `docker compose` with Docker.
set -euo pipefail
cd "$(dirname "$0")/../deploy"

python=../tests/clients/.venv/bin/python
[[ -x $python ]] || python=python3
"$python" -m json.tool grafana/huying.json >/dev/null

if command -v promtool >/dev/null; then
    (cd prometheus && promtool check config prometheus.yml && promtool test rules rules.test.yml)
else
    echo "skipped: no promtool; Prometheus' rules are not tried" >&2
fi

if command -v systemd-analyze >/dev/null; then
    aside=$(mktemp -d)
    trap 'rm -rf "$aside"' EXIT
    # The program need not be installed to see whether the unit is sound.
    for unit in systemd/*.service; do
        sed 's#/usr/local/bin/huying#/bin/true#' "$unit" >"$aside/$(basename "$unit")"
    done
    systemd-analyze verify --man=no "$aside"/*.service
    for unit in "$aside"/*.service; do
        systemd-analyze security --offline=true --threshold=30 --no-pager "$unit" | tail -n 1
    done
else
    echo "skipped: no systemd-analyze; the units are not tried" >&2
fi

if docker compose version >/dev/null 2>&1; then
    docker compose -f compose/compose.yaml config --quiet
else
    echo "skipped: no docker compose; compose.yaml is not tried" >&2
fi
