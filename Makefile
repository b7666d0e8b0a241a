# Needs python3 (3.11 or newer, with venv) and make. Everything else is installed into .venv.
PYTHON ?= python3
PORT ?= 4747
ARGS ?=
SEEDS ?= 1 2 3 4 5
VARIANTS ?= 300
MASKED ?= 3
SAMPLE ?= 1000
SEED ?= 1
SPREAD := --dist worksteal
WAITING := $(shell expr $$(getconf _NPROCESSORS_ONLN) \* 2)# processes: half of the time the tests of the suite wait for servers
FOLDERS := spec mockserver contract_tests benchmarks clients
VENV := .venv
BIN := $(VENV)/bin
SERVES := $(if $(wildcard $(VENV)/installed),$(VENV)/installed,$(VENV)/serves)# all of it, if it is there, else what serves
WRK := $(or $(shell command -v wrk),/usr/bin/wrk) # the load generator of the benchmarks, a package of Debian
NEEDS_311 := import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")

.DEFAULT_GOAL := help
.PHONY: help mock test fuzz kills matrix conforming mutate mutate-mock bench bench-check clients check format lock clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 13

mock: $(SERVES) ## Serve the mock (PORT=4747, ARGS="--reading id=answer …")
	@$(BIN)/tracepass-mock --port $(PORT) $(ARGS)

test: $(VENV)/installed ## Run the tests, those of the mock with the coverage that is asked for
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SPREAD) --numprocesses auto spec mockserver
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	$(BIN)/pytest $(SPREAD) --numprocesses $(WAITING) contract_tests benchmarks clients

fuzz: $(VENV)/installed ## Schemathesis with 2,000 examples per operation, against the mock
	$(BIN)/pytest contract_tests/checks/fuzzing/test_schema.py --schema-examples 2000

kills: $(VENV)/installed ## Schemathesis with the semantic checks against each wrong server (ARGS="--stock" without them)
	$(BIN)/python -m tracepass_contract.contract_tests.mutants fuzz $(ARGS)

matrix: $(VENV)/installed ## The directed tests against each mutant: writes docs/kill-matrix.md (an hour; resumes; ARGS=--stock beside stock Schemathesis)
	$(BIN)/tracepass-check mutants $(foreach seed,$(SEEDS),--seed $(seed)) --masked $(MASKED) --levels --resume .kill-matrix.jsonl \
		--page docs/kill-matrix.md --report-json docs/kill-matrix.json $(ARGS)

conforming: $(VENV)/installed ## The directed tests against 300 conforming variants: writes docs/conforming.md (an hour; resumes; VARIANTS=140 in half of it)
	$(BIN)/tracepass-check mutants --no-faults --variants $(VARIANTS) --resume .conforming.jsonl \
		--page docs/conforming.md --report-json docs/conforming.json $(ARGS)

mutate: $(VENV)/installed ## Change the oracle and the semantics, a thing at a time: writes docs/mutation.md (an hour or two; resumes; ARGS="mutant …")
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group mutation
	PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BIN)/mutmut run $(ARGS)
	$(BIN)/python -m tracepass_contract.contract_tests.tests.mutation

mutate-mock: $(VENV)/installed ## Change the mock, a thing at a time, and let the suite judge it over HTTP: writes docs/mock-mutation.md (half an hour; resumes; SAMPLE=1000 SEED=1)
	$(BIN)/python -m tracepass_contract.contract_tests.mutants mutate-mock --sample $(SAMPLE) --seed $(SEED) --resume .mock-mutation.jsonl --page docs/mock-mutation.md $(ARGS)

bench: $(VENV)/installed $(WRK) ## Measure the mock beside its peers: writes docs/benchmarks.md (half an hour; ARGS=--quick)
	$(BIN)/python -m benchmarks run $(ARGS)

bench-check: $(VENV)/installed $(WRK) ## Measure the mock beside the mock of an earlier commit (2 minutes; ARGS=--against=COMMIT)
	$(BIN)/python -m benchmarks check $(ARGS)

/usr/bin/wrk:
	@command -v apt-get >/dev/null || { echo "wrk is needed: https://github.com/wg/wrk"; exit 1; }
	apt-get install --yes --no-install-recommends wrk

clients: $(VENV)/installed clients/.installed/done ## Meet the mock with clients of other ecosystems: writes docs/compatibility.md (needs curl, npm, chromium; 5 minutes)
	$(BIN)/python -m clients $(ARGS)

clients/.installed/done: clients/package-lock.json clients/requirements.txt
	npm ci --prefix clients --ignore-scripts --no-audit --no-fund
	$(PYTHON) -m venv clients/.installed/python
	clients/.installed/python/bin/pip install --quiet --disable-pip-version-check --require-hashes -r clients/requirements.txt
	@touch $@

check: $(VENV)/installed ## Format, lint, types, layers, tests: what CI runs. The tests have only what a fresh Debian has
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	tools/bare $(MAKE) test
	@if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then $(MAKE) clients/.installed/done \
		|| echo "The packages of the foreign clients can not be installed here; the tests with them are skipped."; fi
	$(BIN)/pytest --dist loadfile --numprocesses auto -m tool $(FOLDERS)

format: $(VENV)/installed ## Format, and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(VENV)/installed ## Bring requirements.lock up to date with pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --group dev --extra check --extra otel --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --constraint requirements.lock --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --output-file runtime.lock pyproject.toml

clean: ## Remove what was built and installed
	rm -rf $(VENV) mutants .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist

# Half of the packages, for somebody who only wants the mock.
$(VENV)/serves: pyproject.toml runtime.lock
	@$(PYTHON) -c '$(NEEDS_311)'
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r runtime.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --editable .
	@touch $@

# The lock file first, with its hashes; then the project itself, as it stands here, with nothing but what is locked.
$(VENV)/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c '$(NEEDS_311)'
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
