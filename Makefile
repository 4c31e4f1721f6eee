# Needs Rust, Python 3 and a C compiler; PostgreSQL and nats-server are found on PATH or installed (see tools.txt).
.DEFAULT_GOAL := help
.PHONY: help run test lint fuzz probes search bench faults planted soak upgrade docs-check clean-dev need-cargo need-python

RELEASE = $${CARGO_TARGET_DIR:-target}/release

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  make %-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: need-cargo need-python ## build, then serve with private servers and a demo: make run ARGS="--listen 127.0.0.1:9000"
	@cargo build --release --locked -p docket-api --bin docket && exec $(RELEASE)/docket dev $(ARGS)

test: need-cargo need-python ## every test, on private real servers
	@cargo test --workspace --locked $(ARGS)

lint: need-cargo ## formatting and clippy, warnings refused
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --locked -- -D warnings

fuzz: need-cargo need-python ## every API, told whatever its document allows and more: make fuzz CASES=1000
	@DOCKET_FUZZ_CASES=$(or $(CASES),200) cargo test --locked -p docket-api --test it -- fuzz:: --test-threads 1 --nocapture

probes: need-cargo need-python ## every name of another workspace in every place of every API: make probes PROBES=250000
	@DOCKET_PROBES=$(or $(PROBES),1000000) cargo test --locked -p docket-api --test it -- probes::the_foreign --nocapture

# What the compiler adds is in bench/fuzz/instrumented. What is found is worth keeping in the corpus, made small with -merge=1.
search: need-cargo ## let libFuzzer look for bytes that break a reader: make search TARGETS="bodies events" TIME=300
	@RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/bench/fuzz/instrumented \
		cargo build --locked -p docket-fuzz --features engine --bin docket-fuzz
	@target=$${CARGO_TARGET_DIR:-target}; \
	for law in $(or $(TARGETS),$(notdir $(wildcard bench/fuzz/corpus/*))); do \
		mkdir -p $$target/search/$$law && echo "== $$law" && DOCKET_FUZZ=$$law $$target/debug/docket-fuzz \
			-max_total_time=$(or $(TIME),60) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix=$$target/search/$$law- $$target/search/$$law bench/fuzz/corpus/$$law || exit 1; \
	done

bench: need-cargo need-python ## the figures of bench/README.md, measured here
	@cargo build --release --locked -p docket-api -p docket-bench && exec $(RELEASE)/docket-bench $(ARGS)

# The same build as the tests': what is proved is order and completeness, not speed.
faults: need-cargo need-python ## break a cluster while clients write, and check every promise: make faults SEED=7
	@cargo build --workspace --locked --bin docket --bin docket-faults
	@exec $${CARGO_TARGET_DIR:-target}/debug/docket-faults --seed $(or $(SEED),1) $(ARGS)

# A program of its own name, which only this builds: see docs/adr/0031-failpoints.md.
planted: need-cargo need-python ## Docket with a bug, one after the other, and whether that is noticed: make planted BUG=twice
	@cargo build --workspace --locked --features docket-api/failpoints --bin docket-planted --bin docket-faults
	@exec $${CARGO_TARGET_DIR:-target}/debug/docket-faults --planted "$(BUG)" $(ARGS)

soak: need-cargo need-python ## the same for hours: make soak ARGS="--commands 100000 --kills 20 --pauses 10 --others 18"
	@cargo build --release --locked -p docket-api -p docket-bench
	@exec $(RELEASE)/docket-faults --seed $(or $(SEED),1) --clients 48 --largest-batch 40 $(or $(ARGS),--commands 1000000 --kills 330 --pauses 100 --others 180)

# The other version is built beside this one, from a clone without objects of its own; both are kept for the next time.
upgrade: need-cargo need-python ## the same, and first another version gives way to this one: make upgrade FROM=v1.0
	@set -e; from="$(FROM)"; from="$${from:-$$(git tag --list 'v[0-9]*' --sort=-version:refname | head -n 1)}"; \
	if [ -z "$$from" ]; then \
		echo "there is no release yet: say where to come from, a tag or a commit: make upgrade FROM=HEAD~5" >&2; exit 1; \
	fi; \
	commit=$$(git rev-parse --verify --quiet "$$from^{commit}") || { echo "there is no tag or commit $$from" >&2; exit 1; }; \
	edited=$$(git diff --name-only --diff-filter=a "$$commit" -- 'migrations/*.sql'); \
	if [ -n "$$edited" ]; then \
		echo "a database of $$from can't be migrated: since then these were edited:" $$edited >&2; exit 1; \
	fi; \
	mkdir -p "$${CARGO_TARGET_DIR:-target}"; target=$$(cd "$${CARGO_TARGET_DIR:-target}" && pwd); \
	[ -d "$$target/from/.git" ] || git clone --quiet --shared --no-checkout . "$$target/from"; \
	git -C "$$target/from" checkout --quiet --force --detach "$$commit"; \
	(cd "$$target/from" && CARGO_TARGET_DIR="$$target/from-build" CARGO_INCREMENTAL=0 \
		cargo build --locked -p docket-api --bin docket); \
	cargo build --workspace --locked --bin docket --bin docket-faults; \
	exec "$$target/debug/docket-faults" --from "$$target/from-build/debug/docket" --seed $(or $(SEED),1) \
		$(or $(ARGS),--commands 4000 --kills 4 --pauses 2 --others 4)

docs-check: ## relative links in the documentation lead somewhere
	@sh .ci/docs-check

clean-dev: ## forget the data of `make run` (of its default folders; not while it runs)
	@for data in .docket /var/lib/docket/dev; do \
		if [ ! -e "$$data/lock" ]; then continue; fi; \
		pid=$$(cat "$$data/lock"); \
		if kill -0 "$$pid" 2>/dev/null && [ -e "$$data/postgres/postmaster.pid" ]; then \
			echo "$$data is in use by process $$pid: stop it first" >&2; exit 1; \
		fi; \
		rm -rf "$$data" && echo "removed $$data"; \
	done

need-cargo:
	@command -v cargo >/dev/null || { echo "cargo is not on PATH: install Rust 1.95 or newer (rustup)" >&2; exit 1; }

need-python:
	@command -v python3 >/dev/null || { echo "python3 is not on PATH: install Python 3 with pip" >&2; exit 1; }
