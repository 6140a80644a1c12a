# The one door: everything that is done to this project is done by a target here.
# `make` alone lists them.

CARGO ?= cargo
CARGO_DENY_VERSION := 0.20.2
UI := crates/huying-web/ui
# For `make compare`: PostgreSQL's programs, cases at 256 clients, rounds.
POSTGRES ?= $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))
CASES ?= 50000
ROUNDS ?= 3
# For `make fuzz`: seconds for each target.
FUZZ_S ?= 60

.DEFAULT_GOAL := help
.PHONY: help build demo test torture planted sbom supply reproduce fmt-check clippy deny laws bench bench-smoke compare fuzz asyncapi-check clients deploy-check fmt nats nats-accounts schemas access tools clean ui pages ui-test ui-journeys ui-load schemathesis

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build everything, optimised
	$(CARGO) build --release --workspace --locked

ui: ## build the pages; the next build of the program carries them
	cd $(UI) && npm ci && npm run build

pages: ## build the pages where there is npm; elsewhere say what is missing
	@if command -v npm >/dev/null; then \
		cd $(UI) && npm ci --loglevel=error && npm run build; \
	else \
		printf '%s\n' "没有 npm，网页未构建：请安装 Node.js 20 或更高版本后执行 make ui。" \
			"No npm here, so the pages are not built: install Node.js 20 or newer, then make ui." >&2; \
	fi

ui-test: ## types and laws of the pages, where there is npm
	@if command -v npm >/dev/null; then \
		cd $(UI) && npm ci --loglevel=error && npm test; \
	else \
		echo "no npm here: the laws of the pages are skipped" >&2; \
	fi

ui-journeys: ui ## drive the pages in a real browser against a demo of its own, and take their pictures
	$(CARGO) build --locked -p huying-cli
	cd $(UI) && node journeys/live.mjs

ui-load: ui ## measure the board in a real browser with 100,000 open cases; the figures belong to the machine
	$(CARGO) build --release --locked -p huying-cli
	cd $(UI) && HUYING_PROGRAM="$(CURDIR)/target/release/huying" node journeys/load.mjs

demo: nats pages ## play a city's day over NATS, a minute a second, each station and the departments in processes of their own
	$(CARGO) run --release --locked -p huying-cli --bin huying -- demo --processes --speed 60 --http 127.0.0.1:8311

test: fmt-check clippy deny ui-test laws ## all that must hold before a commit is shared

fmt-check:
	$(CARGO) fmt --all -- --check

clippy:
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

deny: ## licences, banned crates and sources of what we build upon
	$(CARGO) deny --locked --all-features check bans licenses sources

laws: nats clients ## the tests alone
	$(CARGO) test --workspace --locked

torture: nats clients ## cut the power a hundred times, kill the engine five hundred times, and all else that goes wrong; needs root
	$(CARGO) build --release --locked -p huying-cli
	python3 tests/torture/power_cuts.py --program target/release/huying --city deploy/cities/sample --trials 100
	python3 tests/torture/flushes.py --program target/release/huying --city deploy/cities/sample
	python3 tests/torture/damage.py --program target/release/huying --city deploy/cities/sample --trials 300
	PATH="$$PATH:$(CURDIR)/tools" tests/clients/.venv/bin/python tests/torture/kills.py --program target/release/huying \
		--city deploy/cities/sample --kills 500
	tests/clients/.venv/bin/python tests/torture/faults.py --program target/release/huying --city deploy/cities/sample
	$(MAKE) fuzz

fuzz: ## let a fuzzer loose on every parser and on made-up days, a minute each; needs cargo-fuzz
	python3 tests/fuzz/run.py --seconds $(FUZZ_S)

planted: nats ## plant bugs in a copy of the sources, one at a time, and see that the laws catch each
	python3 tests/torture/planted.py

sbom: ## write what the program is made of to target/sbom.cdx.json, as CycloneDX
	python3 .ci/supply.py sbom --out target/sbom.cdx.json

supply: deny sbom ## licences, bans and sources, the bill of materials, how many packages, and how long a build from nothing takes
	python3 .ci/supply.py count
	python3 .ci/supply.py time

reproduce: ## build the program from nothing in two folders and see that it is the same to the last byte
	python3 .ci/supply.py reproduce

bench: ## the benchmarks; their figures belong to the machine that they ran on
	$(CARGO) bench -p huying-benches --locked

compare: nats ## set us beside PostgreSQL, several rounds in turn, and print the ratios; needs postgresql (Debian: apt install postgresql)
	@ls $(POSTGRES)/initdb >/dev/null 2>&1 || { \
		printf '%s\n' "没有 PostgreSQL：请先安装（Debian：apt install postgresql），或以 POSTGRES= 指明其程序目录。" \
			"No PostgreSQL here: install it (Debian: apt install postgresql), or name the folder of its programs with POSTGRES=." >&2; exit 1; }
	$(CARGO) build --release --locked --manifest-path benches/yardstick/Cargo.toml --target-dir target/yardstick
	$(CARGO) build --release --locked -p huying-cli
	$(CARGO) bench -p huying-benches --locked --bench how_do_we_compare -- --program $(CURDIR)/target/release/huying \
		--yardstick $(CURDIR)/target/yardstick/release/huying-yardstick --postgres $(POSTGRES) --cases $(CASES) --rounds $(ROUNDS)

bench-smoke: ## the benchmarks on small sizes: they run, their figures say nothing
	$(CARGO) bench -p huying-benches --profile dev --locked -- --smoke

fmt: ## bring the sources into form
	$(CARGO) fmt --all

schemas: ## write schemas/ anew from the message types; look at what changed before you commit it
	$(CARGO) run --locked -p huying-bus --example schemas

access: ## write docs/ACCESS.md anew from the rights in the code
	$(CARGO) run --locked -p huying-web --example access

nats: ## bring the nats-server that tests, demo and engine start, unless one is on PATH
	@.ci/nats-server.sh

nats-accounts: ## write deploy/nats/accounts.conf anew from its members and the roles
	$(CARGO) run --locked -p huying-bus --example nats_accounts

clients: ## bring what the clients in Python and Node and the validators need, pinned
	@.ci/clients.sh

schemathesis: ## let schemathesis loose on /openapi.json of an engine of its own; five minutes, needs python3
	@cd tests/schemathesis && { cmp -s requirements.txt .venv/pins || { rm -rf .venv && python3 -m venv .venv && \
		.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt && \
		cp requirements.txt .venv/pins; }; }
	$(CARGO) build --locked -p huying-cli
	tests/schemathesis/.venv/bin/python tests/schemathesis/run.py --program target/debug/huying --city deploy/cities/sample

asyncapi-check: clients ## hold schemas/asyncapi.json to AsyncAPI's own schema
	tests/clients/.venv/bin/python tests/clients/python/check_asyncapi.py schemas \
		tests/clients/node/node_modules/@asyncapi/specs/schemas/3.0.0.json

deploy-check: ## hold the files of deploy/ to the tools that read them, those that are here
	@.ci/deploy-check.sh

# Built without optimisation: it runs for seconds, and the build takes two minutes instead of many.
tools: ## install what `make test` needs beyond the toolchain
	$(CARGO) deny --version 2>/dev/null | grep -qF '$(CARGO_DENY_VERSION)' || \
		CARGO_PROFILE_DEV_DEBUG=0 $(CARGO) install cargo-deny --locked --version $(CARGO_DENY_VERSION) --profile dev

clean: ## forget what was built
	$(CARGO) clean
