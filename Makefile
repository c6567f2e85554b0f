# `make` sets up an environment of its own in .venv and runs the review of this folder;
# `make test` sets up and runs the tests. Needs git, make and Python 3.11 or newer.
PYTHON ?= python3
CORES ?= 4
UV := uv==0.13.9
BIN := .venv/bin

.PHONY: review help test test-all axe docs slurm format lock clean

review: .venv/ready
	$(BIN)/snakemake --cores $(CORES)

help:
	@echo "make                            set up, and run the review of this folder (CORES=4)"
	@echo "make test | test-all            the tests that are fast | all of them"
	@echo "make axe                        for tests of access, with Node.js: axe-core"
	@echo "make docs                       these pages as a site: site/html/index.html"
	@echo "make slurm | format | lock      for a cluster | before a commit | versions anew"
	@echo "make clean                      remove results/, which can all be made again"
	@echo
	@echo "Once it is set up, with .venv/bin/ before snakemake or the environment active:"
	@echo "snakemake --directory FOLDER new      make FOLDER a review; asks five questions"
	@echo "snakemake --directory FOLDER check    what is wrong or still missing, in seconds"
	@echo "snakemake --cores 4 --directory FOLDER            everything, to results/report.html"
	@echo "snakemake --cores 1 --directory FOLDER workbook   an Excel file to extract into"
	@echo "snakemake --cores 1 --directory FOLDER search     ask the databases for what is new"
	@echo "snakemake --cores 1 --directory FOLDER release    freeze this version"

# In the order of the files: those of few tests are the longest, and would else come last.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: .venv/ready
	$(PYTEST) -m "not heavy"

test-all: .venv/ready
	$(PYTEST)

# What tests/report/test_access.py asks about the pages.
axe:
	npm install --no-save --no-package-lock axe-core@4.14.1

.venv/ready: requirements.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and \
	'livingmeta needs Python 3.11 or newer; this is ' + sys.version.split()[0] + \
	'. Name another with: make PYTHON=python3.12')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.txt
	@touch $@

# With tools of their own, so that no version of a run depends on them.
docs: .venv/docs/ready
	.venv/docs/bin/python docs/build_site.py

.venv/docs/ready: docs/requirements.txt | .venv/ready
	$(PYTHON) -m venv .venv/docs
	$(BIN)/uv pip sync --quiet --python .venv/docs/bin/python --require-hashes docs/requirements.txt
	@touch $@

# Apart, because loading it takes half a second of every start of Snakemake.
slurm: .venv/ready
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r profiles/slurm/requirements.txt

format: .venv/ready
	$(BIN)/ruff check --fix . && $(BIN)/ruff format . && $(BIN)/snakefmt Snakefile batch.smk workflow/rules \
	&& $(BIN)/mypy

lock: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --no-deps --generate-hashes --no-header --no-annotate \
	--no-emit-index-url profiles/slurm/requirements.in -o profiles/slurm/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url docs/requirements.in -o docs/requirements.txt

clean:
	rm -rf results .snakemake
