#!/usr/bin/env bash
# For a trial: an authority of its own, and a certificate for each server. A city has its own authority; then put
# ca.pem, server-N.pem and server-N-key.pem into certificates/ instead.
# Further names or addresses of the hosts: NAMES="DNS:nats.example,IP:10.0.0.1" deploy/nats/certificates.sh
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p certificates
cd certificates

[[ -e ca.pem ]] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj "/CN=huying trial authority" -keyout ca-key.pem -out ca.pem 2>/dev/null
for n in 1 2 3; do
    [[ ! -e server-$n.pem ]] || continue
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=nats-$n" \
        -keyout "server-$n-key.pem" -out "server-$n.csr" 2>/dev/null
    openssl x509 -req -in "server-$n.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -out "server-$n.pem" \
        -extfile <(printf 'subjectAltName=DNS:nats-%s,DNS:localhost,IP:127.0.0.1%s\nextendedKeyUsage=serverAuth,clientAuth\n' \
            "$n" "${NAMES:+,$NAMES}") 2>/dev/null
    rm "server-$n.csr"
done
