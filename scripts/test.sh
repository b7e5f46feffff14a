#!/usr/bin/env bash
# Every test. COXSWAIN_TEST_ENGINES=sqlite leaves PostgreSQL out.
source "$(dirname "$0")/common.sh"

if [ "${COXSWAIN_TEST_ENGINES:-}" != sqlite ] && ! command -v initdb >/dev/null 2>&1 \
  && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
  install_packages "tests on PostgreSQL" postgresql
fi

say "Rust"
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --no-fail-fast
else
  cargo test --workspace --no-fail-fast
fi

for app in crates/creator-hub/portal crates/channels/widget; do
  say "$app"
  npm --prefix "$app" run --silent test
done

scripts/e2e.sh
