#!/usr/bin/env python3
"""Brings the PDFium library, which reads PDF files, into `models/dist/pdfium`.

    python3 models/fetch_pdfium.py [--from DIR]

The library comes out of a wheel and is checked against `pdfium.json`. If it is in place,
nothing is done. `--from DIR` (or COXSWAIN_OFFLINE_DIR) takes the wheel or the library
from a folder instead of the package index.
"""

import argparse
import os
import sys
from pathlib import Path

import common


def fetch(offline=None):
    """Puts the library in place, unless it is there already."""
    wheel = common.for_this_platform(common.load_manifest("pdfium.json"), "the PDFium library")
    target = common.DIST / "pdfium" / Path(wheel["member"]).name
    if common.is_good(target, wheel["member_sha256"]):
        return
    if local := common.from_offline_copy(target.name, wheel["member_sha256"], offline):
        common.put(local, target)
        return
    common.extract(wheel, wheel["member"], target, wheel["member_sha256"], offline)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="offline", metavar="DIR", default=os.environ.get("COXSWAIN_OFFLINE_DIR"),
                        help="take the file from this folder instead of the package index")
    try:
        fetch(parser.parse_args().offline)
    except common.Failed as error:
        common.say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
