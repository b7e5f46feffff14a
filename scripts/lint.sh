#!/usr/bin/env bash
# Formatting, lints, licences, and generated files that are no longer what generates them.
source "$(dirname "$0")/common.sh"

cargo fmt --all --check
cargo clippy --workspace --all-targets --quiet -- -D warnings
if command -v cargo-deny >/dev/null 2>&1; then
  cargo deny --log-level error check bans licenses sources
else
  say "cargo-deny is not installed (cargo install cargo-deny): licences were not checked"
fi
npm --prefix crates/creator-hub/portal run --silent check
npm --prefix crates/creator-hub/portal run --silent size
npm --prefix crates/channels/widget run --silent check
npm --prefix crates/channels/widget run --silent size
