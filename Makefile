# Two commands on a machine with git, make and Python 3.11 or newer: `make demo` and `make test`.
# What they do is written in tools/, with nothing but the standard library.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: demo test build lock
demo test build lock:
	$(if $(PYTHON),,$(error Python 3.11 or newer is needed: install python3 and python3-venv, or name one with PYTHON=))
	@$(PYTHON) -m tools $@ $(ARGS)
