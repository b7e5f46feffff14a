# Shared by the scripts: sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

need() { # need COMMAND WHAT-TO-DO
  command -v "$1" >/dev/null 2>&1 || die "$1 is missing. $2"
}

# Installs Debian packages where that is allowed; otherwise says what to install.
install_packages() { # install_packages WHAT-FOR PACKAGE...
  local purpose=$1; shift
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Installing $* ($purpose)"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  else
    die "The $purpose need $*: install them (Debian: apt-get install $*), then run this again."
  fi
}

# True when STAMP is missing or older than any of the files under the other arguments.
stale() { # stale STAMP PATH...
  local stamp=$1; shift
  [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -not -path '*/node_modules/*' -not -path '*/dist/*' -type f -print -quit)" ]
}
