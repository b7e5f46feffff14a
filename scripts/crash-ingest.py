#!/usr/bin/env python3
"""Kills the server again and again while it ingests a folder, then looks at what is left.

    scripts/crash-ingest.py --binary target/release/coxswain --library FOLDER [--kills 10] [--seed 1]

Every file of FOLDER is uploaded over HTTP, each under an Idempotency-Key and tried again until the
server has taken it. Meanwhile the server is killed (SIGKILL) --kills times: the first time within the
first half second of the uploads, then at random moments after a job was seen running; each time it is
started anew on the same data. When everything is read, it is stopped with SIGTERM and its SQLite file
and its files are inspected. A second, undisturbed run (--no-control leaves it out) tells what should
have come out. Prints the figures as JSON; exit code 0 only if nothing is lost, doubled or left over.

Needs Python 3 and nothing else. The folder of data is kept with --data, otherwise temporary.
"""

import argparse
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Server:
    """The real program on a folder of data of its own."""

    def __init__(self, binary, data, models):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % probe.getsockname()[1]
        self.binary, self.data, self.process = binary, data, None
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("COXSWAIN__")} | {
            "COXSWAIN__DATA_DIR": str(data),
            "COXSWAIN__SERVER__LISTEN": self.address,
            "COXSWAIN__EMBEDDING__MODELS_DIR": str(models),
            "COXSWAIN__LOG__LEVEL": "warn",
        }

    def start(self):
        self.process = subprocess.Popen(
            [self.binary, "serve"], env=self.environment, stdout=subprocess.DEVNULL, cwd=self.data
        )
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with {self.process.returncode}")
            try:
                self.call("GET", "/healthz")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server did not come up")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)

    def call(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(f"http://{self.address}{path}", data=body, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text[:1] in (b"{", b"[") else None

    def register(self):
        session = self.call("POST", "/api/v1/auth/register", {
            "email": "crash@coach.example", "password": "correct horse battery", "name": "Mira", "creator_name": "Mira",
        })
        self.refresh = session["refresh_token"]
        self.authorization = {"Authorization": "Bearer " + session["access_token"]}
        self.renewed = time.monotonic()
        bases = self.call("GET", "/api/v1/knowledge-bases", headers=self.authorization)
        return bases["items"][0]["id"]

    def renew(self):
        """Access tokens are good for minutes; a long run needs several."""
        if time.monotonic() - self.renewed > 240:
            session = self.call("POST", "/api/v1/auth/refresh", {"refresh_token": self.refresh})
            self.refresh = session["refresh_token"]
            self.authorization = {"Authorization": "Bearer " + session["access_token"]}
            self.renewed = time.monotonic()

    def upload(self, base, path):
        """Sends one file until it is taken; the key makes the second try of a taken one harmless."""
        boundary = uuid.uuid4().hex
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, path.name))
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="knowledge_base_id"\r\n\r\n{base}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        tries = 0
        while True:
            tries += 1
            headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": key}
            try:
                self.call("POST", "/api/v1/documents", body, headers | self.authorization)
                return tries
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    raise SystemExit(f"{path.name}: {error.code} {error.read().decode()}") from error
            except OSError:
                pass  # killed: once more
            time.sleep(0.1)

    def query(self, sql):
        """Reads the database beside the server, which WAL allows."""
        connection = sqlite3.connect(f"file:{self.data / 'coxswain.db'}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


def ingest(server, library, kills, chance):
    """Uploads everything, killing the server on the way; how long, and what was seen."""
    server.start()
    base = server.register()
    began, tries, killed_in = time.monotonic(), {}, []
    files = sorted(path for path in library.iterdir() if path.is_file())

    def upload_all():
        for path in files:
            tries[path.name] = server.upload(base, path)

    uploads = threading.Thread(target=upload_all, daemon=True)
    uploads.start()
    dead_workers = set()
    for number in range(kills):
        if number == 0:
            time.sleep(chance.uniform(0, 0.5))
        else:
            wait_for_work(server, dead_workers)
            time.sleep(chance.uniform(0, 6))
        stages = dict(server.query("SELECT stage, COUNT(*) FROM document_versions GROUP BY stage"))
        dead_workers |= {worker for (worker,) in server.query("SELECT leased_by FROM jobs WHERE leased_by IS NOT NULL")}
        server.kill()
        killed_in.append({"after_seconds": round(time.monotonic() - began, 1), "stages": stages})
        print(f"killed {number + 1} of {kills}: {killed_in[-1]}", file=sys.stderr)
        server.start()
    uploads.join()
    wait_for_end(server, len(files))
    return {"seconds": round(time.monotonic() - began, 1), "files": len(files), "uploads_tried": tries, "kills": killed_in}


def wait_for_work(server, dead_workers, limit=600):
    """Until this process, and not a dead one's lease, holds an ingestion job."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        held = server.query("SELECT leased_by FROM jobs WHERE state = 'running' AND kind = 'ingest.v1'")
        if any(worker not in dead_workers for (worker,) in held):
            return
        open_jobs = server.query("SELECT COUNT(*) FROM jobs WHERE state IN ('ready', 'running') AND kind = 'ingest.v1'")
        documents = server.query("SELECT COUNT(*) FROM documents")
        if documents[0][0] and not open_jobs[0][0]:
            raise SystemExit("everything was ingested before the last kill: use a larger library or fewer kills")
        time.sleep(0.05)
    raise SystemExit("no job was taken up again")


def wait_for_end(server, count, limit=3600):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        server.renew()
        listed = server.call("GET", "/api/v1/documents?limit=100", headers=server.authorization)["items"]
        if len(listed) == count and all(item["version"]["stage"] in ("ready", "failed") for item in listed):
            return
        time.sleep(0.5)
    raise SystemExit("not every document was read in time")


def inspect(server):
    """What is in the database and on the disk that should not be, and what is there."""
    one = lambda sql: server.query(sql)[0][0]
    keys = {key for (key,) in server.query("SELECT file_key FROM document_versions")}
    root = server.data / "files"
    on_disk = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {
        "documents": one("SELECT COUNT(*) FROM documents"),
        "titles_twice": one("SELECT COUNT(*) FROM (SELECT 1 FROM documents GROUP BY title, kind HAVING COUNT(*) > 1)"),
        "ready_and_answering": one(
            "SELECT COUNT(*) FROM documents d JOIN document_versions v ON v.id = d.active_version_id WHERE v.stage = 'ready'"
        ),
        "versions": one("SELECT COUNT(*) FROM document_versions"),
        "chunks": one("SELECT COUNT(*) FROM chunks"),
        "vectors": one("SELECT COUNT(*) FROM chunk_embeddings"),
        "chunks_twice": one(
            "SELECT COUNT(*) FROM (SELECT 1 FROM chunks GROUP BY version_id, part_number, start_byte, end_byte HAVING COUNT(*) > 1)"
        ),
        "ordinals_with_gaps": one(
            "SELECT COUNT(*) FROM (SELECT 1 FROM chunks GROUP BY version_id HAVING MAX(ordinal) + 1 <> COUNT(*) OR MIN(ordinal) <> 0)"
        ),
        "wrong_chunk_counts": one(
            "SELECT COUNT(*) FROM document_versions v WHERE chunks_total IS NOT (SELECT COUNT(*) FROM chunks c WHERE c.version_id = v.id)"
            " OR chunks_done IS NOT chunks_total"
        ),
        "chunks_without_one_vector": one(
            "SELECT COUNT(*) FROM chunks c WHERE (SELECT COUNT(*) FROM chunk_embeddings e WHERE e.chunk_id = c.id) <> 1"
        ),
        "orphan_vectors": one("SELECT COUNT(*) FROM chunk_embeddings WHERE chunk_id NOT IN (SELECT id FROM chunks)"),
        "orphan_chunks": one("SELECT COUNT(*) FROM chunks WHERE version_id NOT IN (SELECT id FROM document_versions)"),
        "orphan_parts": one("SELECT COUNT(*) FROM document_parts WHERE version_id NOT IN (SELECT id FROM document_versions)"),
        "jobs_not_done": one("SELECT COUNT(*) FROM jobs WHERE state <> 'done'"),
        "most_tries_of_a_job": one("SELECT MAX(attempts) FROM jobs"),
        "orphan_files": sorted(on_disk - keys),
        "missing_files": sorted(keys - on_disk),
    }


def content(server):
    """Every chunk's text by document, to hold against an undisturbed run."""
    return server.query(
        "SELECT v.file_name, c.ordinal, c.page, hex(c.text_hash), c.text FROM chunks c"
        " JOIN document_versions v ON v.id = c.version_id ORDER BY v.file_name, c.ordinal"
    )


def faults(seen, files):
    wrong = [name for name in ("documents", "ready_and_answering", "versions") if seen[name] != files]
    must_be_none = ("titles_twice", "chunks_twice", "ordinals_with_gaps", "wrong_chunk_counts", "chunks_without_one_vector",
                    "orphan_vectors", "orphan_chunks", "orphan_parts", "jobs_not_done", "orphan_files", "missing_files")
    return wrong + [name for name in must_be_none if seen[name]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path, help="the coxswain program")
    parser.add_argument("--library", required=True, type=pathlib.Path, help="folder whose files are ingested")
    parser.add_argument("--models", type=pathlib.Path, default=ROOT / "models" / "dist", help="embedding.models_dir")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the moments; printed with the figures")
    parser.add_argument("--data", type=pathlib.Path, help="keep the data here")
    parser.add_argument("--no-control", action="store_true", help="leave the undisturbed run out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = options.data or pathlib.Path(temporary)
        binary, models = options.binary.resolve(), options.models.resolve()
        servers = []
        try:
            report = run(binary, models, root.resolve(), options, servers)
        finally:
            for server in servers:
                if server.process and server.process.poll() is None:
                    server.kill()
    print(json.dumps(report, indent=2))
    return 0 if report["passed"] else 1


def run(binary, models, root, options, servers):
    def fresh(name):
        folder = root / name
        folder.mkdir(parents=True)
        servers.append(Server(binary, folder, models))
        return servers[-1]

    crashed = fresh("crashed")
    report = {"seed": options.seed} | ingest(crashed, options.library, options.kills, random.Random(options.seed))
    report["exit_code"] = crashed.stop()
    report["found"] = inspect(crashed)
    report["faults"] = faults(report["found"], report["files"])
    if report["exit_code"]:
        report["faults"].append("exit_code")
    if not options.no_control:
        control = fresh("control")
        report["control_seconds"] = ingest(control, options.library, 0, random.Random(0))["seconds"]
        control.stop()
        report["same_chunks_as_undisturbed"] = content(crashed) == content(control)
        if not report["same_chunks_as_undisturbed"]:
            report["faults"].append("chunks differ from an undisturbed run")
    report["passed"] = not report["faults"]
    return report


if __name__ == "__main__":
    sys.exit(main())
