#!/usr/bin/env bash
# Makes a secret for every variable that the configuration names and that has none yet, in secrets.env. Servers read
# the whole file; a user is given its own line and nothing else.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
touch secrets.env

grep -ohE '\$(PASSWORD_[A-Z0-9_]+|STORE_KEY)' accounts.conf common.conf | tr -d '$' | sort -u |
    while read -r name; do
        grep -q "^$name=" secrets.env && continue
        # A letter in front, or the server would read a number where the digits happen to be one.
        echo "$name=s$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" >>secrets.env
    done
