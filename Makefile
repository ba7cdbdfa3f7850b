# Two commands: `make sheet` prints a worksheet and its key, `make test` runs every check.
# Both set themselves up in .venv first; nothing is installed elsewhere.

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.penwork-ready
MARKED := -m "not slow"

.DEFAULT_GOAL := sheet
.PHONY: sheet test test-slow golden bench gallery clean setup

sheet: $(STAMP)
	@$(BIN)/penwork sheet --seed 1

test: $(STAMP)
	@echo "Lint (ruff)" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "Types (mypy --strict)" && $(BIN)/mypy
	@echo "Tests (pytest)" && $(BIN)/pytest -q -n auto --dist worksteal $(MARKED)

test-slow: $(STAMP)
	@$(BIN)/pytest -q -n auto --dist worksteal -m slow

golden: $(STAMP)
	@echo "Writing the goldens anew; read the diff before you keep it."
	@PENWORK_GOLDEN=write $(BIN)/pytest -q -n auto --dist worksteal $(MARKED) -k golden

bench: $(STAMP)
	@$(BIN)/python bench/run.py

gallery: $(STAMP)
	@$(BIN)/python docs/gallery/make.py

setup: $(STAMP)

clean:
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find output -mindepth 1 ! -name README.md -delete

# A candidate counts only if it runs: a version manager's shim may exist and refuse.
$(STAMP): pyproject.toml requirements.lock
	@set -e; \
	works='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; \
	found=''; \
	for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  if $$python -c "$$works" >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "penwork needs Python 3.11 or newer with its venv module, and none was found;" \
	    "install one, or name it with make PYTHON=/path/to/python3." >&2; \
	  exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$($$found --version) (once, about a minute)" >&2; \
	$$found -m venv --clear $(VENV); \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  -e '.[dev]' -c requirements.lock >&2; \
	$(BIN)/python -m compileall -q generator; \
	touch $@
