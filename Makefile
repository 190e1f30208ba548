# The two commands of the README are `make serve` and `make test`; the first of either makes .venv: with what serving
# needs, or with the tools of developers too.
.DEFAULT_GOAL := help
.PHONY: help serve demo test test-all torture check bench performance soak docs twins texts screenshots node types vendor lock deb licences sbom site coverage mutants release hooks audit clean

ROUNDS ?= 50
PYTHON ?= $(firstword $(foreach p,python3.11 python3 python3.12 python3.13 python3.14,$(shell $(p) -c 'import sys, ensurepip; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))
BIN := .venv/bin
# Every command starts a Python: one that may not keep what it compiled takes twice as long, each time.
unexport PYTHONDONTWRITEBYTECODE

help:
	@echo "make serve     start the server on http://127.0.0.1:8080, data in the user's data folder"
	@echo "make demo      the same on a throw-away data folder with rooms, members and domains"
	@echo "make test      the tests"
	@echo "make test-all  these, and those that take long"
	@echo "make torture   several nodes that are killed, stopped and cut off; with ROUNDS=500 all night"
	@echo "make check     ruff, mypy, import-linter"
	@echo "make bench     the benchmarks, each beside what it must beat"
	@echo "make performance  the same, written into docs/performance.md"
	@echo "make soak      thousands of members for ten minutes, or SOAK hours; a picture of it in soak.svg"
	@echo "make docs      the pages of docs/ that follow from the code"
	@echo "make site      docs/ as a site, in dist/site"
	@echo "make coverage  what of the code the tests reach, and whether that is enough"
	@echo "make mutants   whether tests notice nine of ten slips in the rules; ARGS=300 tries so many"
	@echo "make release   what has to be so before a release, and what of it is open; changes nothing"
	@echo "make hooks     the quick part of make check before each commit"
	@echo "make twins     the plain forms of the clients, from those with await"
	@echo "make texts     the catalogues of what the pages say, and what is read of them at run time"
	@echo "make types     the pages' modules by tsc, examples/ by pyright (needs node)"
	@echo "make vendor    other people's modules in the pages, from the npm registry (needs node)"
	@echo "make screenshots  every page as it looks, into docs/screenshots (needs Chromium)"

.venv/serving: requirements/run.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Beseda needs Python 3.11 or newer (with the venv module)."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	test -x $(BIN)/beseda || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/ready: requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Beseda needs Python 3.11 or newer (with the venv module)."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ .venv/serving

serve: .venv/serving
	@exec $(BIN)/beseda serve $(ARGS)

demo: .venv/serving
	@exec $(BIN)/beseda demo $(ARGS)

.venv/publishing: requirements/publish.txt .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/publish.txt
	@touch $@

# tried EXPRESSION, HOW: the tests that are marked so. In CI those that failed beside others are tried once more, alone, and
# stand in its output as failed before: machines that others work on stand still for seconds. What fails twice has failed.
tried = $(BIN)/python -m pytest $(2) -m "$(1)" $(ARGS) $(if $(CI),|| $(BIN)/python -m pytest --last-failed --last-failed-no-failures none -m "$(1)" $(ARGS))

test: .venv/ready
	$(call tried,not long,-n 2 --dist worksteal)

test-all: test .venv/publishing
	$(call tried,long and not alone and not torture,-n 2 --dist loadfile --no-loadscope-reorder)
	$(call tried,long and alone and not torture)
	$(MAKE) torture

torture: export BESEDA_TORTURE := $(ROUNDS)
torture: .venv/ready # ROUNDS=500 for a night of it
	$(call tried,torture,-s)

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready
	$(BIN)/python -m bench $(ARGS)

performance: .venv/ready
	$(BIN)/python -m bench --write $(ARGS)

soak: .venv/ready # SOAK=8 for a night of it
	SOAK=$(SOAK) $(BIN)/python -m bench soak

docs: .venv/ready
	$(BIN)/python -m beseda.server.docs docs
	$(BIN)/python -m tools.reference docs
	$(BIN)/python -m tools.layers docs

site: .venv/publishing
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

twins: .venv/ready
	$(BIN)/python -m tools.twins

texts: .venv/ready
	$(BIN)/python tools/texts.py

screenshots: .venv/ready
	$(BIN)/python tools/screenshots.py $(ARGS)

node: # what the pages are tried with, as its lock file says
	cd tools/web && npm ci --silent --no-audit --no-fund

types: node .venv/ready
	tools/web/node_modules/.bin/tsc -p tools/web/tsconfig.json
	tools/web/node_modules/.bin/pyright --pythonpath $(BIN)/python --warnings

vendor: .venv/ready
	$(BIN)/python tools/vendor.py

lock: # needs uv; for those who change the dependencies
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --custom-compile-command "make lock" pyproject.toml --extra server -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --custom-compile-command "make lock" --constraint requirements/run.txt pyproject.toml --extra server --group dev -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --custom-compile-command "make lock" --constraint requirements/dev.txt --group publish -o requirements/publish.txt

deb: # a Debian package in dist/, for the Debian whose Python this is
	packaging/deb.sh dist $(PYTHON)

coverage: .venv/publishing # takes little longer than make test-all; what is not reached is in dist/coverage/missing.txt
	$(BIN)/python -m tools.covered -n 2 --dist loadfile -m "not alone and not torture" $(ARGS)

mutants: .venv/ready # all of them take a night
	$(BIN)/python -m tools.mutants $(ARGS)

release: .venv/ready # each step makes what it needs
	@$(BIN)/python -m tools.release

hooks:
	git config core.hooksPath tools/hooks

audit: .venv/publishing # asks a database of known faults
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r requirements/run.txt $(ARGS)

licences: .venv/ready # of all that serving needs
	@$(BIN)/python tools/supply.py licences

sbom: .venv/ready # CycloneDX, of all that serving needs
	@$(BIN)/python tools/supply.py sbom

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
