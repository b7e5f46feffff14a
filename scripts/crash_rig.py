"""What a crash test of the channels runs on: the servers, PostgreSQL, the doubles, and one creator set up on them."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request
import uuid

SECRET = "the-app-secret-of-a-crash-test"
# Two syllables make words that occur nowhere else, so an answer shows which question it belongs to.
WORDS = [a + b for a in ("zephy", "quill", "marlo", "tandri", "bosque", "fennow") for b in ("rak", "dim", "lun", "ves")]


def document():
    lines = ["# Practices\n"]
    for place, word in enumerate(WORDS):
        lines.append(f"## The {word} practice\n\nThe {word} practice takes {place + 3} minutes: sit down, breathe and "
                     f"count {place + 20} leaves. The {word} practice is done before breakfast.\n")
    return "\n".join(lines)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(address, method, path, body=None, headers=None, timeout=30):
    headers = dict(headers or {})
    if isinstance(body, dict):
        body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(f"http://{address}{path}", data=body, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=timeout) as response:
        text = response.read()
    return json.loads(text) if text[:1] in (b"{", b"[") else None


class Server:
    """The real program."""

    def __init__(self, binary, data, environment, port=None):
        self.address = f"127.0.0.1:{port or free_port()}"
        self.binary, self.data, self.process, self.starts = binary, data, None, []
        clean = {key: value for key, value in os.environ.items() if not key.startswith("COXSWAIN__")}
        self.environment = clean | environment | {"COXSWAIN__SERVER__LISTEN": self.address}
        self.log = (data / f"server-{self.address[10:]}.log").open("ab")

    def start(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.binary, "serve"], env=self.environment, stdout=self.log, stderr=self.log, cwd=self.data
        )
        while time.monotonic() < began + 120:
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with {self.process.returncode}; see {self.log.name}")
            try:
                call(self.address, "GET", "/healthz")
                self.starts.append(time.monotonic() - began)
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


class Postgres:
    """A PostgreSQL of its own that keeps what it has committed."""

    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            raise SystemExit("there are no PostgreSQL programs; give --postgres URL")
        self.bin, self.data, self.port = found[-1].parent, folder / "postgres", free_port()
        self.data.mkdir()
        if os.getuid() == 0:  # PostgreSQL refuses to run as root.
            subprocess.run(["chown", "postgres", self.data], check=True)
            for parent in self.data.parents[:-2]:
                parent.chmod(parent.stat().st_mode | 0o055)
        self.run("initdb", "-D", self.data, "-U", "coxswain", "--auth=trust", "-E", "UTF8", "--locale=C")
        options = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1 -c max_connections=100"
        self.run("pg_ctl", "-D", self.data, "-l", self.data / "log", "-w", "-o", options, "start")
        self.url = f"postgres://coxswain@127.0.0.1:{self.port}/postgres"

    def run(self, program, *arguments):
        owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*owner, self.bin / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")


class Doubles:
    """Telegram and WhatsApp, and the desk that controls them."""

    def __init__(self, binary, folder):
        ports = [free_port() for _ in range(3)]
        self.address, telegram, whatsapp = (f"127.0.0.1:{port}" for port in ports)
        arguments = ["--port", ports[0], "--telegram-port", ports[1], "--whatsapp-port", ports[2]]
        # A provider waits seconds before it tries again; a server that is up in seconds should not wait for minutes.
        arguments += ["--bare", "--app-secret", SECRET, "--retry-ms", 500]
        self.process = subprocess.Popen([binary, *map(str, arguments)], stdout=(folder / "doubles.log").open("wb"))
        self.environment = {
            "COXSWAIN__TELEGRAM__API_URL": f"http://{telegram}",
            "COXSWAIN__WHATSAPP__GRAPH_URL": f"http://{whatsapp}",
            "COXSWAIN__WHATSAPP__APP_SECRET": SECRET,
            "COXSWAIN__WHATSAPP__VERIFY_TOKEN": SECRET,
        }
        for _ in range(200):
            try:
                self.get("/control/telegram/calls")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the doubles did not come up")

    def post(self, path, body):
        return call(self.address, "POST", f"/control{path}", body)

    def get(self, path):
        return call(self.address, "GET", path)

    def misbehave(self, seed):
        plan = {"seed": seed, "duplicate": 0.1, "too_many": 0.02, "retry_after": 1, "server_error": 0.02,
                "lost_answer": 0.01, "hold_ms": 200}
        self.post("", {"telegram": {"plan": plan}, "whatsapp": {"plan": plan | {"seed": seed + 1}}})

    def behave(self):
        self.post("", {"telegram": {"plan": {}}, "whatsapp": {"plan": {}}})


class Stage:
    """The servers, connected to the doubles, with one creator, one document and one account on each channel."""

    def __init__(self, options, folder, doubles, postgres):
        self.options, self.doubles = options, doubles
        environment = doubles.environment | {
            "COXSWAIN__DATA_DIR": str(folder / "data"),
            "COXSWAIN__EMBEDDING__MODELS_DIR": str(options.models.resolve()),
            "COXSWAIN__LOG__LEVEL": "warn",
            "COXSWAIN__OLLAMA__URL": "http://127.0.0.1:9",  # Nobody answers there: answers are extractive.
            "COXSWAIN__ROAD__BURST_QUIET_MS": "300",
            "COXSWAIN__ROAD__RECONCILE_SECONDS": "20",
        }
        if postgres:
            environment["COXSWAIN__DATABASE__URL"] = postgres
        first = free_port()
        environment["COXSWAIN__SERVER__PUBLIC_URL"] = f"http://127.0.0.1:{first}"
        binary = options.binary.resolve()
        self.servers = [Server(binary, folder, environment, first if n == 0 else None) for n in range(options.nodes)]
        self.servers[0].start()
        self.connect()
        for server in self.servers[1:]:
            server.start()

    def api(self, method, path, body=None, headers=None):
        keyed = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        return call(self.servers[0].address, method, f"/api/v1{path}", body, self.authorization | keyed | (headers or {}))

    def connect(self):
        session = call(self.servers[0].address, "POST", "/api/v1/auth/register", {
            "email": "crash@coach.example", "password": "correct horse battery", "name": "Mira", "creator_name": "Mira",
        })
        self.authorization = {"Authorization": "Bearer " + session["access_token"]}
        self.upload()
        bot = self.doubles.post("/telegram/bots", {"username": "crash_bot", "name": "Mira"})
        self.bot = bot["id"]
        webhook = self.options.telegram == "webhook"
        self.api("POST", "/channels/telegram", {"token": bot["token"], "webhook": webhook})
        number = self.doubles.post("/whatsapp/numbers", {"name": "Mira", "display": "+49 30 5550100"})
        self.number = number["phone_number_id"]
        self.business = number["business_account_id"]
        self.api("POST", "/channels/whatsapp", number)
        self.doubles.post("/whatsapp/callback", {
            "url": f"http://{self.servers[0].address}/hooks/whatsapp", "app_secret": SECRET, "verify_token": SECRET,
        })
        self.widget = self.api("POST", "/channel-accounts", {"kind": "widget", "name": "Site"})["public_key"]
        connections = [item["connection"] for item in self.api("GET", "/channels")["items"] if item.get("connection")]
        if [it["state"] for it in connections] != ["connected", "connected"]:
            raise SystemExit(f"a channel does not work: {connections}")

    def upload(self):
        base = self.api("GET", "/knowledge-bases")["items"][0]["id"]
        boundary = uuid.uuid4().hex
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="knowledge_base_id"\r\n\r\n{base}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="practices.md"\r\n'
            f"Content-Type: text/markdown\r\n\r\n{document()}\r\n--{boundary}--\r\n"
        ).encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        document_id = self.api("POST", "/documents", body, kind)["id"]
        for _ in range(600):
            stage = self.api("GET", f"/documents/{document_id}")["version"]["stage"]
            if stage == "ready":
                return
            time.sleep(0.1)
        raise SystemExit(f"the document was not read: {stage}")
