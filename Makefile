# Line400: `make demo` shows the product at work, `make test` checks it. The environment is kept in .venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers
DEBIAN_PACKAGES := sip-tester baresip mosquitto chromium chromium-driver fonts-noto-cjk kamailio linphone-cli

ALONE := $(addprefix tests/interop/test_,event_loop.py audio_truth.py mixing.py recogniser_load.py)

export PYTHONUNBUFFERED := 1

.PHONY: help demo test lint types bench peers clean

help:
	@echo "make demo   set up, start the service, drive it with simulated callers, show the report"
	@echo "make test   set up, then ruff, mypy and pytest (installs test peers with apt where it may)"
	@echo "make lint   ruff check and format check"
	@echo "make types  mypy --strict"
	@echo "make bench  all benchmarks, one JSON line each (but for the long runs: $(BIN)/python -m bench.soak, bench.centre)"
	@echo "make clean  remove what was built (not var/)"

$(STAMP): pyproject.toml telephony/media/_pump.c
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Line400 needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is not complete on this machine. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (the first time takes some minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(STAMP)
	@exec $(BIN)/line400 demo

# Two at a time, interop tests three by file: they mostly wait. What measures time by milliseconds has the machine for
# itself.
test: lint types peers
	$(BIN)/pytest -n 2 tests/unit tests/fuzz tests/scenario
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder tests/interop $(ALONE:%=--ignore=%)
	$(BIN)/pytest $(ALONE)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

# Real peers for the interop tests. Their absence is no error: those tests then skip and say why.
peers: $(PEERS)

$(PEERS): $(STAMP)
	@missing=""; for package in $(DEBIAN_PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; done; \
	if [ -z "$$missing" ]; then touch $@; exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "no apt-get here: interop tests that need$$missing will skip"; exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then as_root=""; \
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root="sudo -n"; \
	else echo "may not install packages (neither root nor passwordless sudo): interop tests that need$$missing will skip."; \
	  echo "To run them: sudo apt-get install$$missing"; exit 0; fi; \
	echo "installing$$missing ..."; \
	if $$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null && \
	   $$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$missing >/dev/null; \
	then touch $@; else echo "apt-get failed: interop tests that need$$missing will skip"; fi

bench: $(STAMP)
	@for file in bench/*.py; do name=$$(basename $$file .py); \
	  grep -q -- --json $$file && [ $$name != soak ] || continue; $(BIN)/python -m bench.$$name --json; done

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
