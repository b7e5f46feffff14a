"""Measures what many open widget streams cost a server of its own: on SQLite, or with --postgres on a PostgreSQL of its own.

Builds nothing: give the programs. Prints what `streams` prints; see crates/test-support/src/bin/streams.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

from crash_rig import Postgres, Server, WORDS, call, document


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=pathlib.Path, required=True, help="coxswain")
    parser.add_argument("--streams-binary", type=pathlib.Path, required=True, help="streams")
    parser.add_argument("--models", type=pathlib.Path, default=pathlib.Path("models/dist"))
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    return parser.parse_args()


def set_up(address):
    """One creator with one document that can be answered from, and one widget: its public key."""
    session = call(address, "POST", "/api/v1/auth/register", {
        "email": "streams@coach.example", "password": "correct horse battery", "name": "Mira", "creator_name": "Mira",
    })
    token = {"Authorization": "Bearer " + session["access_token"]}
    base = call(address, "GET", "/api/v1/knowledge-bases", headers=token)["items"][0]["id"]
    form = (f'--b\r\nContent-Disposition: form-data; name="knowledge_base_id"\r\n\r\n{base}\r\n'
            f'--b\r\nContent-Disposition: form-data; name="file"; filename="practices.md"\r\n'
            f"Content-Type: text/markdown\r\n\r\n{document()}\r\n--b--\r\n").encode()
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    made = call(address, "POST", "/api/v1/documents", form, token | kind)
    while call(address, "GET", f"/api/v1/documents/{made['id']}", headers=token)["version"]["stage"] != "ready":
        time.sleep(0.1)
    return call(address, "POST", "/api/v1/channel-accounts", {"kind": "widget", "name": "Site"}, token)["public_key"]


def main():
    wanted = options()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        postgres = Postgres(folder) if wanted.postgres else None
        environment = {
            "COXSWAIN__DATA_DIR": str(folder / "data"),
            "COXSWAIN__EMBEDDING__MODELS_DIR": str(wanted.models.resolve()),
            "COXSWAIN__LOG__LEVEL": "warn",
            "COXSWAIN__OLLAMA__URL": "http://127.0.0.1:9",  # Nobody answers there: answers are extractive.
        }
        if postgres:
            environment["COXSWAIN__DATABASE__URL"] = postgres.url
        server = Server(wanted.binary.resolve(), folder, environment)
        server.start()
        try:
            key = set_up(server.address)
            return subprocess.run([
                wanted.streams_binary.resolve(), "--url", f"http://{server.address}", "--key", key,
                "--pid", str(server.process.pid), "--streams", str(wanted.streams), "--seconds", str(wanted.seconds),
                "--question", f"How long does the {WORDS[0]} practice take? ({{n}})",
            ]).returncode
        finally:
            server.stop()
            if postgres:
                postgres.stop()


if __name__ == "__main__":
    sys.exit(main())
