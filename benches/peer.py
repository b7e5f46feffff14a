#!/usr/bin/env python3
"""Coxswain in a side-by-side driver: `python3 benches/peer.py DRIVER_DIR COMMAND [OPTIONS]`.

DRIVER_DIR holds the driver (bench.py with PeerTarget and TARGETS). Build our side first:

    cargo build --release --example side_by_side
"""
import asyncio, base64, json, os, pathlib, subprocess, sys, textwrap, time, uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
SIDE = TARGET / "release" / "examples" / "side_by_side"
DRIVER = pathlib.Path(sys.argv[1]).resolve() / "bench.py"

# The driver needs the Python of the stack it measures.
VENV = pathlib.Path(os.environ.get("PEER_VENV", pathlib.Path.home() / ".cache" / "coxswain-peer" / "venv"))
if pathlib.Path(sys.prefix) != VENV and (VENV / "bin" / "python").exists():
    os.execv(str(VENV / "bin" / "python"), [str(VENV / "bin" / "python"), *sys.argv])

import numpy as np

# Everything of the driver but its main block, which must find our target in its table.
definitions, main = DRIVER.read_text(encoding="utf8").rsplit('\nif __name__ == "__main__":\n', 1)
bench = {"__name__": "bench", "__file__": str(DRIVER), "__doc__": __doc__}
exec(compile(definitions, str(DRIVER), "exec"), bench)
PASSWORD = bench["PASSWORD"]


class CoxswainTarget(bench["PeerTarget"]):
    name = "coxswain"
    token_mark, done_mark = b"event: delta", b"event: end"
    health = ("GET", "/healthz", {}, b"")

    def env(self, **more):
        settings = {
            "COXSWAIN__DATA_DIR": str(self.data),
            "COXSWAIN__EMBEDDING__MODELS_DIR": str(ROOT / "models" / "dist"),
            "COXSWAIN__LOG__LEVEL": "warn",
            # Every question goes to the model, whatever was found: it is the road that is measured.
            "COXSWAIN__ANSWER__MIN_CONFIDENCE": "0",
            "COXSWAIN__OLLAMA__CONCURRENCY": "32",
            "COXSWAIN__OLLAMA__MODEL": "fake",
        }
        return {**os.environ, **settings, **self.extra, **more}

    # --- in-process
    def open(self, embed=True):
        return self

    def embed(self, texts):
        # The same vectors for both sides: the driver's own model.
        if not hasattr(self, "peer"):
            self.peer = bench["PeerTarget"](self.data / "peer").open()
        return self.peer.embed(texts)

    def make_creators(self, names):
        self.data.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps({"name": n, "email": self.email(n), "password": PASSWORD}) + "\n" for n in names)
        subprocess.run([str(SIDE), "creators"], env=self.env(), input=lines.encode(), check=True)

    def add_vectors(self, creator, ids, texts, vectors):
        if not hasattr(self, "filling"):
            pipe = subprocess.PIPE
            self.filling = subprocess.Popen([str(SIDE), "fill"], env=self.env(), stdin=pipe, stdout=pipe)
        self.filling.stdin.write(json.dumps({"creator": creator, "texts": texts}).encode() + b"\n")
        self.filling.stdin.write(np.asarray(vectors, dtype="<f4").tobytes())
        self.filling.stdin.flush()
        if self.filling.stdout.readline() != b"durable\n":
            raise SystemExit("fill failed")

    # --- as a server
    def start(self, port, ollama_url, vectors=None):
        args = [str(SIDE), "serve"]
        if vectors:
            args.append(str(self.known(vectors)))
        env = self.env(COXSWAIN__SERVER__LISTEN=f"127.0.0.1:{port}", COXSWAIN__OLLAMA__URL=ollama_url)
        return subprocess.Popen(args, env=env, stdout=subprocess.DEVNULL)

    def known(self, npz):
        out = pathlib.Path(npz).with_suffix(".coxswain")
        if not out.exists():
            z = np.load(npz)
            with open(out, "w", encoding="utf8") as f:
                for text, vector in zip(z["texts"].tolist(), z["vectors"]):
                    f.write(json.dumps(text) + "\n" + base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode() + "\n")
        return out

    def login(self, name):
        return "POST", "/api/v1/auth/login", {"Content-Type": "application/json"}, json.dumps({"email": self.email(name), "password": PASSWORD}).encode()

    def chat(self, token, conversation, question):
        try:
            conversation = str(uuid.UUID(conversation))
        except ValueError:
            conversation = str(uuid.uuid5(uuid.NAMESPACE_OID, conversation + token))
        body = json.dumps({"text": question, "conversation_id": conversation}).encode()
        return "POST", "/api/v1/messages", {"Content-Type": "application/json", "Accept": "text/event-stream", "Authorization": "Bearer " + token}, body


    # An upload is answered before it is read; `Conn` below waits until it answers questions.
    def upload(self, token, path):
        boundary = uuid.uuid4().hex
        part = lambda head, value: f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n"
        file = part(f'name="file"; filename="{path.name}"', path.read_bytes())
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Authorization": "Bearer " + token}
        form = lambda base: part('name="knowledge_base_id"', base.encode()) + file + f"--{boundary}--\r\n".encode()
        return "POST", "/api/v1/documents", headers, form

    def uploaded(self, body):
        return json.loads(body)["version"]["chunks_total"], None


class Conn(bench["Conn"]):
    async def ask(self, port, method, path, headers, body=b""):
        await super().send(port, (method, path, headers, body))
        return json.loads(self.body)

    async def send(self, port, request, mark=None):
        method, path, headers, form = request
        if not callable(form):
            return await super().send(port, request, mark)
        caller = {"Authorization": headers["Authorization"]}
        bases = (await self.ask(port, "GET", "/api/v1/knowledge-bases", caller))["items"]
        if not bases:
            create = {**caller, "Content-Type": "application/json"}
            bases = [await self.ask(port, "POST", "/api/v1/knowledge-bases", create, b'{"name": "library"}')]
        begun = time.perf_counter()
        document = await self.ask(port, method, path, headers, form(bases[0]["id"]))
        if self.status != 202:
            return self.status, None, 0, self.buf
        while document["version"]["stage"] not in ("ready", "failed"):
            await asyncio.sleep(0.01)
            document = await self.ask(port, "GET", "/api/v1/documents/" + document["id"], caller)
        if document["version"]["stage"] == "failed":
            raise SystemExit(f"ingestion failed: {document['version']['failure']}")
        return self.status, None, time.perf_counter() - begun, self.buf


bench["Conn"] = Conn
bench["TARGETS"]["coxswain"] = CoxswainTarget
sys.argv = [str(DRIVER), *sys.argv[2:], "--target", "coxswain"]
exec(compile(textwrap.dedent(main), str(DRIVER), "exec"), bench)
