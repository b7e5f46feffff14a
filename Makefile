# Every target is one call of the real tool; the scripts say what each one needs.
PORTAL := crates/creator-hub/portal
WIDGET := crates/channels/widget
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Fetch front-end packages, the embedding runtime and model, and PDFium
	@scripts/setup.sh

serve: setup ## Build and start the server
	@scripts/serve.sh

test: setup ## Run every test: Rust on both engines, front end, browser
	@scripts/test.sh

e2e: setup ## Run the browser tests alone
	@scripts/e2e.sh

lint: setup ## Check formatting, lints, licences and generated files
	@scripts/lint.sh

bench: setup ## Run the benchmarks
	@cargo bench --workspace

openapi: ## Write the OpenAPI document and the portal's types anew
	@UPDATE_OPENAPI=1 cargo test --quiet -p coxswain-creator-hub the_description && npm --prefix $(PORTAL) run --silent types

.PHONY: help setup serve test e2e lint bench openapi
