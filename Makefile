# Each target sets up what it needs; nothing has to be run before.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: try test check corpus fuzz clean

# The environment is made once, and again whenever pyproject.toml changes.
$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "wheelyard: $(PYTHON) is older than 3.11; say which one to use, as in: make PYTHON=python3.11 try")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

# The main job on real input: three machines' wheelhouses, one of them installed and imported; then
# a wheel cross-built from source and imported under emulation, where this machine can.
try: $(VENV)/.ready
	$(BIN)/wheelyard build -r examples/requirements.txt \
		-t this -t manylinux_2_28_aarch64 -t dsm-7.2-aarch64 -o try/wheelhouse
	$(BIN)/wheelyard verify try/wheelhouse/*/
	$(BIN)/wheelyard install --wheelhouse try/wheelhouse/this --venv try/env
	try/env/bin/python -c 'import feedparser, jinja2, msgpack, requests, yaml; \
		print("imported feedparser", feedparser.__version__, "and PyYAML", yaml.__version__)'
	@echo "The report is at try/wheelhouse/report.html"
	@# A compiled one from source, for another machine, imported there by that machine's own Python.
	@if $(BIN)/wheelyard doctor -t debian-12-arm64; then \
		$(BIN)/wheelyard build markupsafe --no-binary markupsafe -t debian-12-arm64 -o try/cross \
		&& $(BIN)/python -c 'import json; \
			(wheel,) = json.load(open("try/cross/debian-12-arm64/manifest.json"))["wheels"]; \
			print("built", wheel["filename"]); print("proof:", wheel["proof"])'; \
	else echo "Nothing is cross-built here: what is missing stands above."; fi

# The report is looked at in a browser: the system's, or the one that playwright brings.
$(VENV)/.browser: $(VENV)/.ready
	@command -v chromium google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
			&& apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } \
		|| $(BIN)/playwright install chromium
	@touch $@

test: $(VENV)/.ready $(VENV)/.browser
	$(BIN)/python -m pytest

check: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Packages of every kind cross-built for many machines: hours the first time; it resumes.
corpus: $(VENV)/.ready
	$(BIN)/python tools/corpus.py

# Inputs for the readers of strangers' files, drawn by what they reach, for ten minutes.
fuzz: $(VENV)/.ready
	$(BIN)/uv run --no-project --python $(BIN)/python --with atheris --with-editable . \
		python -m tools.fuzz try/fuzz -max_total_time=600

clean:
	rm -rf $(VENV) try build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
