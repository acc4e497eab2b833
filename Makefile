# The habits of the house. `make run` starts everything, `make test` proves it.
PYTHON ?= python3
PORT   ?= 3000
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PEERS_PYTHON ?= $(BIN)/python
FILES  := render_core cluster webapp tests benchmarks scripts alembic rxconfig.py

.DEFAULT_GOAL := help
.PHONY: help setup run dev test lint types format bench chaos bench-cluster compare demo lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(READY) ## Make .venv with everything installed, pinned

# `--without-pip` and `pip --python` need neither ensurepip nor python3-venv, which a bare Debian lacks.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) scripts/check_python.py
	@$(PYTHON) scripts/install_debian.py run
	$(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check -r requirements.lock
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

run: setup ## Start everything on http://localhost:$(PORT), stop with Ctrl-C
	@exec $(BIN)/reelgrove up --port $(PORT)

dev: setup ## The same with hot reload
	@exec $(BIN)/reelgrove up --port $(PORT) --dev

test: setup ## Install what the tests need and run the whole suite
	@$(BIN)/python scripts/install_debian.py test
	$(BIN)/pytest

lint: setup ## Style, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: setup ## mypy, strict
	$(BIN)/mypy

format: setup ## Let ruff tidy up
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## The figures of the README, measured here
	$(BIN)/python benchmarks/render_floor.py
	$(BIN)/python benchmarks/start_up.py
	$(BIN)/python benchmarks/peers.py --peers-python $(PEERS_PYTHON)

bench-cluster: setup ## A hundred renders at once on a cluster of this machine
	@$(BIN)/python scripts/install_debian.py test
	$(BIN)/python benchmarks/cluster_load.py

chaos: setup ## Three hundred renders while everything breaks, a thousand times
	@$(BIN)/python scripts/install_debian.py test
	$(BIN)/python benchmarks/chaos.py

compare: setup ## Our stills beside the reference stills: table and sheet
	$(BIN)/python scripts/compare.py

demo: setup ## Make the demo assets anew (the voice needs one package more: scripts/make_demo.py says which)
	$(BIN)/python scripts/make_demo.py

lock: ## Write requirements.lock from the pins of pyproject.toml
	$(PYTHON) scripts/lock.py

clean: ## Remove what was built, keep data
	rm -rf .web .web-dev build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-artifacts
