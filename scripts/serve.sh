#!/usr/bin/env bash
# Builds the server and runs it in the foreground.
source "$(dirname "$0")/common.sh"

cargo build --release --bin coxswain
target=${CARGO_TARGET_DIR:-target}
exec "$target/release/coxswain" serve
