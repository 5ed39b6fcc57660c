# On a bare machine: python3 (3.11 or newer) and make, nothing else. All of it stays in this directory.
#
#   make up      the whole shop, with a demo; PORT and TORG_DATA_DIR change where
#   make test    all tests; TESTS="tests/lib -k money" for some
#   make check   what must be clean before a commit
#   make bench   what it can do on this machine

VENV := .venv
TORG := $(VENV)/bin/torg
UV_VERSION := 0.13.8
TESTS :=
PROCESSES := 2

.DEFAULT_GOAL := up
.PHONY: up test check bench

up: $(VENV)/ready
	@exec $(TORG) up

test: $(VENV)/ready
	@$(VENV)/bin/python -m pytest -n $(PROCESSES) $(TESTS)

check: $(VENV)/ready
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m pytest -q tests/architecture
	$(TORG) manage makemigrations --check --dry-run

bench: $(VENV)/ready
	@$(TORG) bench

# Compiled at once: where Python may not write what it has compiled, each start would compile all of it again.
# With uv on the PATH, uv makes it. Without, Python's own venv does, and uv is installed into it.
$(VENV)/ready: pyproject.toml uv.lock
	@if command -v uv >/dev/null 2>&1; then \
	  uv sync --frozen --quiet --compile-bytecode; \
	else \
	  for python in python3.13 python3.12 python3.11 python3; do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	    python=; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "Torg needs Python 3.11 or newer, and there is none on the PATH. Install python3, or uv." >&2; exit 1; \
	  fi; \
	  if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$python has no venv module. On Debian and Ubuntu: apt install python3-venv. Or install uv." >&2; exit 1; \
	  fi; \
	  { $(VENV)/bin/python -m pip --version >/dev/null 2>&1 || $$python -m venv --clear $(VENV); } && \
	  $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && \
	  VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv sync --frozen --quiet --inexact --compile-bytecode --python $(VENV)/bin/python; \
	fi
	@$(VENV)/bin/python -m compileall -q src
	@touch $@
