# Runs a private PostgreSQL until no test has used it for half a minute.
#
# $1 folder of PostgreSQL's programs   $2 folder of the lock files   $3 port on 127.0.0.1
#
# Tests hold a shared lock on $2/users as long as they live, so a test that panics or is killed
# counts as gone. Prints one line once the server answers, and watches from then on.
set -eu
cd /
bin=$1 home=$2 port=$3

# PostgreSQL refuses to run as root.
as_owner() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

data=$(as_owner mktemp -d "${TMPDIR:-/tmp}/coxswain-postgres.XXXXXX")
finish() {
  as_owner "$bin/pg_ctl" -D "$data/cluster" -m immediate -w stop >&2 || true
  rm -rf "$data"
}
trap finish EXIT
trap 'exit 1' INT TERM

as_owner "$bin/initdb" -D "$data/cluster" -U coxswain --auth=trust --no-sync -E UTF8 --locale=C >&2
as_owner "$bin/pg_ctl" -D "$data/cluster" -l "$data/log" -w -o "-p $port -k '' -c listen_addresses=127.0.0.1 \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300" start >&2 \
  || { cat "$data/log" >&2; exit 1; }
echo ready
exec >/dev/null

idle=0
while as_owner "$bin/pg_ctl" -D "$data/cluster" status >/dev/null 2>&1; do
  sleep 2
  if flock -n -x "$home/users" true; then idle=$((idle + 1)); else idle=0; fi
  if [ "$idle" -ge 15 ]; then
    # Nobody can begin to use the server while this lock is held.
    exec 8>"$home/start"
    flock -x 8
    flock -n -x "$home/users" true && { rm -f "$home/port"; exit 0; }
    exec 8>&-
    idle=0
  fi
done
