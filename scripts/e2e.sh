#!/usr/bin/env bash
# The browser tests: Chromium against the debug binary with a database of its own.
source "$(dirname "$0")/common.sh"

command -v chromium >/dev/null 2>&1 || install_packages "browser tests" chromium
if stale e2e/node_modules/.package-lock.json e2e/package-lock.json; then
  npm --prefix e2e ci --no-audit --no-fund --loglevel=error
  touch e2e/node_modules/.package-lock.json
fi
say "Browser"
cargo build --bin coxswain --bin doubles
node e2e/run.mjs
