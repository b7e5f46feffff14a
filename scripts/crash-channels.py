#!/usr/bin/env python3
"""Kills the server again and again while clients write over three channels, then looks at every conversation.

    scripts/crash-channels.py --binary target/debug/coxswain --doubles target/debug/doubles \\
        [--messages 2000] [--clients 200] [--kills 20] [--nodes 1|2] [--telegram webhook|poll] [--seed 1]

Telegram and WhatsApp are our doubles, real HTTP servers that deliver 10 % of everything twice and answer 5 % of
what is sent to them with 429, 502 or not at all after having taken it. The third channel is the widget's API. Each
client asks about things only one passage of a small document knows, waits for the answer and asks on; one time in
ten two questions at once. Meanwhile the server is killed (SIGKILL) --kills times, spread over the run, and started
anew on the same data. With --nodes 2, two servers share one PostgreSQL (--postgres URL, or one that is started for
it) and the first of them, which all webhooks go to, is the one that is killed.

Then every conversation is read as the client saw it: each question answered, none twice, the answers in the order of
the questions. Who waits longer than --patience asks on; one answer to both is right then. A Telegram message may stand there twice where nobody could know: its answer was lost
on purpose, or the server was killed around it; those are counted apart. Exit code 0 only if nothing else is found.

    scripts/crash-channels.py --binary … --doubles … --intake target/debug/intake [--seconds 10] [--postgres start]

measures instead how many webhooks are acknowledged in a second.

Needs Python 3 and nothing else; with --nodes 2 also PostgreSQL's programs.
"""

import argparse
import calendar
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import uuid

from crash_rig import SECRET, WORDS, Doubles, Postgres, Stage, call

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHANNELS = ("telegram", "whatsapp", "widget")


class Client(threading.Thread):
    """Somebody who asks, waits for the answer, and asks on."""

    def __init__(self, crowd, place, count):
        super().__init__(daemon=True)
        self.crowd, self.place, self.count = crowd, place, count
        self.chance = random.Random(f"{crowd.seed} {place}")
        self.asked = []  # Of each turn: the words asked about.
        self.waits = []
        self.impatient = set()  # Turns after which it asked on without an answer.

    def run(self):
        self.begin()
        sent = 0
        while sent < self.count:
            size = 2 if self.chance.random() < 0.1 and sent + 2 <= self.count else 1
            # Not what was asked just before, or its answer could be taken for this one's.
            last = self.asked[-1] if self.asked else []
            words = self.chance.sample([word for word in WORDS if word not in last], size)
            self.asked.append(words)
            began = time.monotonic()
            for word in words:
                self.say(f"How long does the {word} practice take?")
            sent += size
            self.await_answer(sent, began)
            self.crowd.progress(size)

    def await_answer(self, sent, began):
        limit = began + self.crowd.patience
        while time.monotonic() < limit:
            if is_answered(self.transcript(), sent, self.asked[-1][-1]):
                self.waits.append(time.monotonic() - began)
                return
            time.sleep(0.5)
        self.impatient.add(len(self.asked) - 1)


class TelegramClient(Client):
    channel = "telegram"

    def begin(self):
        self.person = self.crowd.doubles.post("/telegram/people", {"name": f"Client {self.place}", "language": "en"})["id"]

    def say(self, text):
        self.crowd.doubles.post("/telegram/say", {"bot": self.crowd.stage.bot, "person": self.person, "text": text})

    def transcript(self):
        return self.crowd.chats["telegram"].get(self.person, [])


class WhatsappClient(Client):
    channel = "whatsapp"

    def begin(self):
        customer = {"name": f"Client {self.place}", "phone": f"4917{self.place:08}"}
        self.customer = self.crowd.doubles.post("/whatsapp/customers", customer)["id"]

    def say(self, text):
        number = self.crowd.stage.number
        self.crowd.doubles.post("/whatsapp/say", {"number": number, "customer": self.customer, "text": text})

    def transcript(self):
        return self.crowd.chats["whatsapp"].get(self.customer, [])


class WidgetClient(Client):
    channel = "widget"

    def begin(self):
        servers = self.crowd.stage.servers
        self.node = self.place % len(servers)
        # A server on this machine believes who a proxy on it says is asking: everyone has an address of their own.
        self.headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": f"10.1.{self.place // 250}.{self.place % 250}"}
        session = self.ask("POST", f"/w/{self.crowd.stage.widget}/sessions", {"time_zone": "Europe/Berlin", "locale": "en"})
        self.headers["Authorization"] = f"Bearer {session['token']}"

    def say(self, text):
        message = {"text": text, "client_message_id": str(uuid.uuid4())}
        for _ in range(2 if self.chance.random() < 0.1 else 1):
            self.ask("POST", "/w/messages", message)

    def ask(self, method, path, body=None):
        """Until it is answered: a client that is not sure sends the same again."""
        servers = self.crowd.stage.servers
        while True:
            try:
                return call(servers[self.node].address, method, path, body, self.headers)
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    raise
                time.sleep(float(error.headers.get("Retry-After") or 1))
            except (OSError, ValueError):
                self.node = (self.node + 1) % len(servers)
                time.sleep(0.2)

    def transcript(self):
        messages = self.ask("GET", "/w/conversation")["messages"]
        return [
            {"own": it["author"] == "client", "text": it["text"]}
            for it in messages
            if it["author"] == "client" or it["status"] == "done"
        ]


def is_answered(transcript, count, word):
    """Whether all that was asked is there, and what came after the last question names it."""
    own = [place for place, line in enumerate(transcript) if line["own"]]
    return len(own) >= count and any(word in line["text"] for line in transcript[own[-1] + 1 :])


class Crowd:
    """All clients, and what the doubles show them."""

    def __init__(self, stage, options):
        self.stage, self.doubles, self.seed = stage, stage.doubles, options.seed
        self.patience = options.patience
        self.done, self.changed = 0, threading.Condition()
        self.chats, self.over = {"telegram": {}, "whatsapp": {}}, False
        kinds = (TelegramClient, WhatsappClient, WidgetClient)
        share, rest = divmod(options.messages, options.clients)
        self.clients = [kinds[n % 3](self, n, share + (n < rest)) for n in range(options.clients)]
        threading.Thread(target=self.watch, daemon=True).start()

    def progress(self, count):
        with self.changed:
            self.done += count
            self.changed.notify_all()

    def look(self):
        for item in self.doubles.get("/control/telegram/chats")["items"]:
            self.chats["telegram"][item["person"]] = [
                {"own": not it["from_bot"], "text": it["text"], "at": it["sent_at"], "id": it["message_id"]}
                for it in item["messages"]
            ]
        for item in self.doubles.get("/control/whatsapp/chats")["items"]:
            self.chats["whatsapp"][item["customer"]] = [
                {"own": not it["from_business"], "text": it["text"], "at": it["sent_at"], "id": it["wamid"],
                 "opaque": it["opaque"]}
                for it in item["messages"]
            ]

    def watch(self):
        while not self.over:
            self.look()
            time.sleep(0.4)


def kill_again_and_again(crowd, options, chance):
    """Kills the first server whenever so much of the work is done, and says when."""
    marks = sorted(chance.uniform(0.01, 0.95) * options.messages for _ in range(options.kills))
    server, kills = crowd.stage.servers[0], []
    for mark in marks:
        with crowd.changed:
            crowd.changed.wait_for(lambda: crowd.done >= mark)
        time.sleep(chance.uniform(0, 1.0))
        kills.append(time.time())
        server.kill()
        print(f"killed {len(kills)} of {options.kills} after {crowd.done} messages", file=sys.stderr)
        time.sleep(chance.uniform(0, 0.5))
        server.start()
    return kills


def moment(text):
    base, _, fraction = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(base, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{fraction or 0}")


def judge(crowd, kills):
    """What each client saw, counted by channel."""
    lost = {call["message_id"] for call in crowd.doubles.get("/control/telegram/calls")["items"] if call["answer_lost"]}
    table = {}
    for channel in CHANNELS:
        row = {"clients": 0, "messages": 0, "turns": 0, "answered": 0, "overtaken": 0, "unanswered": 0, "twice": 0,
               "twice_excused": 0, "out_of_order": 0, "strange": 0}
        waits = []
        for client in crowd.clients:
            if client.channel != channel:
                continue
            row["clients"] += 1
            row["messages"] += sum(map(len, client.asked))
            waits += client.waits
            judge_client(row, client, lost, kills)
        waits.sort()
        for percent in (50, 99):
            row[f"p{percent}_seconds"] = round(waits[len(waits) * percent // 100], 1) if waits else None
        table[channel] = row
    return table


def judge_client(row, client, lost, kills):
    """Goes through a conversation line by line. An answer belongs to the question that names what it names."""
    asked = [(word, turn) for turn, words in enumerate(client.asked) for word in words]
    sent, latest, answered, heard = 0, -1, set(), []
    for line in client.transcript():
        if line["own"]:
            sent += 1
            continue
        found = [word for word in WORDS if word in line["text"]]
        own = [n for n, (word, _) in enumerate(asked[:sent]) if word in found and n not in answered]
        copies = [other for other in heard if other["text"] == line["text"]]
        heard.append(line)
        if own:
            # The last time it was asked: the one before may have been overtaken.
            row["out_of_order"] += own[-1] < latest
            latest = max(latest, own[-1])
            answered.update(n for n in own if asked[n][1] == asked[own[-1]][1])
        elif copies:
            excused = client.channel == "telegram" and may_be_twice(copies, lost, kills)
            row["twice_excused" if excused else "twice"] += 1
        else:
            row["strange"] += 1  # It speaks of nothing that was asked and not answered.
    turns = {asked[n][1] for n in answered}
    row["turns"] += len(client.asked)
    row["answered"] += len(turns)
    # Whoever lost patience and asked on gets one answer to both, as everyone who writes in bursts.
    overtaken = [turn for turn in range(len(client.asked)) if turn not in turns and any(turn < other for other in turns)]
    row["overtaken"] += sum(turn in client.impatient for turn in overtaken)
    row["unanswered"] += len(client.asked) - len(turns) - sum(turn in client.impatient for turn in overtaken)


def may_be_twice(firsts, lost, kills):
    """Telegram takes no key by which a second try would be known: who never heard of the first sends again."""
    return any(
        first["id"] in lost or any(-1.0 <= moment(first["at"]) - kill <= 0.5 for kill in kills) for first in firsts
    )


def show(table):
    columns = list(next(iter(table.values())))
    print("channel".ljust(10), *(name.rjust(max(8, len(name))) for name in columns))
    for channel, row in table.items():
        print(channel.ljust(10), *(str(row[name]).rjust(max(8, len(name))) for name in columns))


def crash(options, folder, cleanup):
    postgres = options.postgres
    if options.nodes > 1 and not postgres:
        postgres = "start"
    if postgres == "start":
        cluster = Postgres(folder)
        cleanup.append(cluster.stop)
        postgres = cluster.url
    doubles = Doubles(options.doubles.resolve(), folder)
    cleanup.append(doubles.process.kill)
    stage = Stage(options, folder, doubles, postgres)
    cleanup.extend(server.kill for server in stage.servers)
    if options.intake:
        return intake(options, stage, bool(postgres))
    crowd = Crowd(stage, options)
    doubles.misbehave(options.seed)
    began = time.monotonic()
    for client in crowd.clients:
        client.start()
    kills = kill_again_and_again(crowd, options, random.Random(options.seed))
    for client in crowd.clients:
        client.join()
    seconds = time.monotonic() - began
    doubles.behave()
    # What comes late or twice has some time to show itself.
    time.sleep(options.settle)
    crowd.over = True
    crowd.look()
    seen = {str(client.place): {
        "asked": client.asked, "impatient": sorted(client.impatient), "transcript": client.transcript()} for client in crowd.clients}
    (folder / "transcripts.json").write_text(json.dumps({"kills": kills, "clients": seen}))
    table = judge(crowd, kills)
    refused = {channel: {} for channel in ("telegram", "whatsapp")}
    for channel, statuses in refused.items():
        for made in doubles.get(f"/control/{channel}/calls")["items"]:
            name = "answer lost" if made["answer_lost"] else str(made["status"])
            statuses[name] = statuses.get(name, 0) + 1
    report = {
        "seed": options.seed, "nodes": options.nodes, "database": "PostgreSQL" if postgres else "SQLite",
        "telegram": options.telegram, "seconds": round(seconds, 1), "kills": len(kills),
        "slowest_start_seconds": round(max(stage.servers[0].starts), 1), "provider_answers": refused, "channels": table,
    }
    faults = ("unanswered", "twice", "out_of_order", "strange")
    report["passed"] = not any(row[name] for row in table.values() for name in faults)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(table)
        print(json.dumps({name: value for name, value in report.items() if name != "channels"}))
    return report["passed"]


def intake(options, stage, postgres):
    """Webhooks acknowledged in a second, with the work they cause behind them, and without."""
    for more in ([], ["--statuses"]):
        command = [options.intake.resolve(), "--url", f"http://{stage.servers[0].address}/hooks/whatsapp", "--app-secret",
                   SECRET, "--phone-number-id", stage.number, "--business-account-id", stage.business, "--seconds",
                   str(options.seconds), "--since", str(int(time.time())), *more]
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
        what = "statuses" if more else "messages"
        print(json.dumps({"what": what, "database": "PostgreSQL" if postgres else "SQLite"} | json.loads(answer.stdout)))
        if answer.returncode:
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path, help="the coxswain program")
    parser.add_argument("--doubles", required=True, type=pathlib.Path, help="the program of the doubles")
    parser.add_argument("--models", type=pathlib.Path, default=ROOT / "models" / "dist", help="embedding.models_dir")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--nodes", type=int, default=1, choices=(1, 2))
    parser.add_argument("--postgres", help='URL, or "start" for one of its own')
    parser.add_argument("--telegram", default="webhook", choices=("webhook", "poll"))
    parser.add_argument("--patience", type=float, default=180, help="seconds a client waits before it asks on")
    parser.add_argument("--settle", type=float, default=15, help="seconds at the end in which nothing more may come")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of all chance; printed with the figures")
    parser.add_argument("--intake", type=pathlib.Path, help="the program that measures the intake; nothing is killed")
    parser.add_argument("--seconds", type=int, default=10, help="of the measurement")
    parser.add_argument("--data", type=pathlib.Path, help="keep data and logs here")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()
    cleanup = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.data or pathlib.Path(temporary)).resolve()
        (folder / "data").mkdir(parents=True)
        try:
            return 0 if crash(options, folder, cleanup) else 1
        finally:
            for undo in reversed(cleanup):
                undo()


if __name__ == "__main__":
    sys.exit(main())
