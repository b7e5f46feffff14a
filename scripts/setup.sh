#!/usr/bin/env bash
# Everything a build needs beside the compilers. Running it again costs a second and no network.
source "$(dirname "$0")/common.sh"

need cargo "Install Rust with rustup; rust-toolchain.toml names the version."
need cc "Install a C compiler (Debian: apt-get install build-essential)."
need python3 "Install Python 3.9 or later."
need node "Install Node.js 20.19 or later."
need npm "It comes with Node.js."

python3 models/fetch.py

for app in crates/creator-hub/portal crates/channels/widget; do
  if stale "$app/node_modules/.package-lock.json" "$app/package-lock.json"; then
    say "Installing the packages of $app"
    npm --prefix "$app" ci --no-audit --no-fund --loglevel=error
    touch "$app/node_modules/.package-lock.json"
  fi
  if stale "$app/dist/.built" "$app"; then
    say "Building $app"
    npm --prefix "$app" run --silent build
    touch "$app/dist/.built"
  fi
done
