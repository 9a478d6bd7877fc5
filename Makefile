# What there is to do here, on a bare machine with Python 3.11 or newer and make. `make help` lists it.

PYTHONS = python3.13 python3.12 python3.11 python3
VENV    = .venv
PYTHON  = $(VENV)/bin/python
INSTALL_THERE = python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
INSTALL = $(PYTHON) -m pip install --disable-pip-version-check --require-hashes --requirement
LOCK    = $(VENV)/lock
OTHERS  = $(VENV)/stand-in
BENCH   = $(VENV)/benchmarks
LEARN   = $(VENV)/learn

.DEFAULT_GOAL := help
.PHONY: help run test check content eval weights chaos-followups load bench profile lock clean .venv

help: ## list what there is to do
	@sed -n 's/^\([a-z.-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-23s %s\n", $$1, $$2}'

run: .venv ## start the line on this machine, and keep it running until Ctrl-C
	@NIGHTLIGHT_ENV=development exec $(PYTHON) -m service run

test: $(VENV)/tests.stamp $(OTHERS)/stamp ## run the tests; ARGS="-k night" picks some
	@$(PYTHON) -m pytest -p tests.skips --numprocesses auto --dist loadgroup $(ARGS)

check: $(VENV)/tests.stamp ## lint, formatting, types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

eval: $(VENV)/tests.stamp ## measure how texts in danger are recognised; FOLDER=path of a corpus
	@$(PYTHON) -m tests.corpus.evaluate $(FOLDER)

chaos-followups: $(VENV)/tests.stamp $(OTHERS)/stamp ## break the line in every known way, count follow-ups; FAULT_MINUTES=10
	@test -z "$(FAULT_MINUTES)" || FAULT_EXAMPLES=2000 $(PYTHON) -m pytest --quiet tests/faults/test_any_order.py
	@FAULT_MINUTES=$(FAULT_MINUTES) exec $(PYTHON) -m tests.faults.chaos

weights: $(LEARN)/stamp ## learn again what words weigh; FOLDER=path of everyday texts
	@$(LEARN)/bin/python -m tests.corpus.learn $(FOLDER)

load: $(BENCH)/stamp ## text a line of its own until all is answered; SHAPE=spike RATE=50 SECONDS=60 URL=http://… UI=1
	@$(BENCH)/bin/python -m benchmarks.load $(if $(SHAPE),--shape $(SHAPE)) $(if $(RATE),--rate $(RATE)) \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(URL),--url $(URL)) $(if $(UI),--ui)

bench: $(BENCH)/stamp $(VENV)/rapidsms/stamp ## measure the line beside others, into docs/performance.md; ARGS=--short tries it
	@$(BENCH)/bin/python -m benchmarks $(ARGS)

profile: $(BENCH)/stamp ## draw where a web process under load spends its time, into var/benchmarks/profile.svg
	@$(BENCH)/bin/python -m benchmarks.profile $(ARGS)

content: .venv ## write docs/content.md: every message as a phone shows it, to read and to print
	@page=$$($(PYTHON) -m service content) && printf '%s\n' "$$page" > docs/content.md

.venv: $(VENV)/run.stamp ## make the environment, which the others do by themselves

lock: .venv ## pin what requirements.in names, with hashes, for every platform
	@test -x $(LOCK)/bin/uv || { $(PYTHON) -m venv $(LOCK) && $(LOCK)/bin/pip install --quiet uv; }
	@for file in requirements tests/requirements tests/corpus/requirements benchmarks/requirements benchmarks/rapidsms_site/requirements; do \
	  UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes $$file.in --output-file $$file.txt || exit 1; \
	done

clean: ## remove the environment and the caches; the data in var/ stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

# Twilio as others wrote it. What lacks it says so and uses the project's own small stand-in.
$(OTHERS)/stamp: tests/faults/package-lock.json $(PYTHON)
	@command -v npm >/dev/null && command -v java >/dev/null || \
	  { echo "Without npm and Java, the project's own small stand-in for Twilio is used."; exit 0; }; \
	mkdir -p $(OTHERS) && cp tests/faults/package.json tests/faults/package-lock.json $(OTHERS) && \
	cd $(OTHERS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch stamp || \
	  echo "npm could not install the stand-in for Twilio that others wrote; the project's own small one is used."

$(VENV)/tests.stamp: $(VENV)/run.stamp tests/requirements.txt
	@echo "Installing what the tests need."
	@$(INSTALL) tests/requirements.txt || $(NO_INSTALL)
	@touch $@

# Environments of their own: locust patches what it is imported beside, and Django is not ours.
$(BENCH)/stamp: benchmarks/requirements.txt $(PYTHON)
	@echo "Installing what the benchmarks need, beside the line's own environment."
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/$(INSTALL_THERE) benchmarks/requirements.txt || $(NO_INSTALL)
	@touch $@

$(LEARN)/stamp: requirements.txt tests/corpus/requirements.txt $(PYTHON)
	@echo "Installing what learning needs, beside the line's own environment."
	@$(PYTHON) -m venv $(LEARN)
	@$(LEARN)/bin/$(INSTALL_THERE) requirements.txt --requirement tests/corpus/requirements.txt || $(NO_INSTALL)
	@touch $@

$(VENV)/rapidsms/stamp: benchmarks/rapidsms_site/requirements.txt $(PYTHON)
	@echo "Installing RapidSMS, to compare with."
	@$(PYTHON) -m venv $(VENV)/rapidsms
	@$(VENV)/rapidsms/bin/$(INSTALL_THERE) benchmarks/rapidsms_site/requirements.txt || $(NO_INSTALL)
	@touch $@

$(VENV)/run.stamp: requirements.txt $(PYTHON)
	@echo "Installing what the line needs; this is done once and takes a minute."
	@$(INSTALL) requirements.txt || $(NO_INSTALL)
	@touch $@

# A name in PATH may be a stub that does not run, so each is tried.
$(PYTHON):
	@test -w . || { echo "This folder cannot be written, and the environment goes into it. Make it writable."; exit 1; }
	@for python in $(PYTHONS); do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	test -n "$$python" || { echo "Python 3.11 or newer is needed and none was found. Install python3.11."; exit 1; }; \
	echo "Making the environment with $$($$python --version)."; \
	$$python -m venv --clear $(VENV) >/dev/null 2>&1 && exit; \
	rm -rf $(VENV); \
	echo "This Python cannot make environments. On Debian and Ubuntu, install python3-venv."; exit 1

NO_INSTALL = { echo "The packages could not be installed; see above. Is there a network?"; exit 1; }
