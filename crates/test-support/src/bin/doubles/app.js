// The page of the doubles: shows both chats and does what a client can do.

const texts = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text }, more);

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/** Telegram's entities as elements; offsets are UTF-16 units, which is what strings here count in. */
function formatted(text, entities) {
  const tags = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote" };
  const build = (start, end, rest) => {
    const piece = document.createDocumentFragment();
    let at = start;
    while (rest.length) {
      const [outer, ...others] = rest;
      const last = outer.offset + outer.length;
      piece.append(text.slice(at, outer.offset));
      const element = document.createElement(outer.type === "text_link" ? "a" : (tags[outer.type] ?? "span"));
      if (outer.url && /^https?:/.test(outer.url)) element.href = outer.url;
      element.append(build(outer.offset, last, others.filter((it) => it.offset + it.length <= last)));
      piece.append(element);
      at = last;
      rest = others.filter((it) => it.offset >= last);
    }
    piece.append(text.slice(at, end));
    return piece;
  };
  const outermostFirst = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(0, text.length, outermostFirst);
}

/** WhatsApp's own markup as elements. */
function marked(text) {
  const piece = document.createDocumentFragment();
  const marks = { "*": "b", _: "i", "~": "s", "`": "code" };
  let at = 0;
  for (const found of text.matchAll(/(?<![\w*_~`])([*_~`])(\S(?:[^\n]*?\S)?)\1(?![\w*_~`])/g)) {
    piece.append(text.slice(at, found.index), texts(marks[found[1]], found[2]));
    at = found.index + found[0].length;
  }
  piece.append(text.slice(at));
  return piece;
}

const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const recent = (at, seconds) => at && Date.now() - new Date(at).getTime() < seconds * 1000;

const faults = [
  ["is refused: too many", { kind: "too_many", retry_after: 5 }],
  ["meets a 502", { kind: "server_error", status: 502 }],
  ["arrives, answer lost", { kind: "lost_answer", hold_ms: 30000 }],
  ["arrives, answer broken", { kind: "broken_json" }],
  ["is answered slowly", { kind: "slow", ms: 5000 }],
];

const telegram = {
  name: "telegram",
  title: "Telegram",
  clients: (all) => all.people.map((it) => [String(it.id), it.first_name]),
  businesses: (all) => all.bots.map((it) => [String(it.id), `@${it.username}`]),
  chat: (all, business, client) => all.chats.find((it) => String(it.bot) === business && String(it.person) === client),
  state(all, business, chat) {
    const bot = all.bots.find((it) => String(it.id) === business);
    const road = bot?.webhook ? `webhook ${bot.webhook.url}` : "the bot polls for what you write";
    const error = bot?.webhook?.last_error_message ? `, last failure: ${bot.webhook.last_error_message}` : "";
    const pending = bot?.pending ? `, ${bot.pending} not taken yet` : "";
    return `${road}${pending}${error}${chat?.blocked ? ". You have blocked the bot." : ""}`;
  },
  messages: (chat) =>
    chat.messages.map((it) => ({
      key: `${it.message_id}`,
      own: !it.from_bot,
      body: formatted(it.text, it.entities),
      meta: `${clock(it.sent_at)}${it.edited_at ? ", edited" : ""}${it.toast ? `, ${it.toast}` : ""}`,
      offers: it.buttons.flat().map((button) => ({ title: button.text, url: button.url })),
    })),
  writing: (chat) =>
    chat.draft ? formatted(chat.draft.text || "Thinking…", chat.draft.entities) : recent(chat.action_at, 5) ? "writes…" : null,
  say: (business, client, text) => post("/control/telegram/say", { bot: +business, person: +client, text }),
  tap: (business, client, key, title) =>
    post("/control/telegram/tap", { bot: +business, person: +client, message_id: +key, button: title }),
  file: (business, client, kind, file) =>
    post("/control/telegram/file", { bot: +business, person: +client, kind: kind === "image" ? "photo" : kind === "audio" ? "voice" : "document", ...file }),
  add: (name) => post("/control/telegram/people", { name }),
  deeds: {
    "Start": (business, client) => telegram.say(business, client, "/start"),
    "Block the bot": (business, client) => post("/control/telegram/block", { bot: +business, person: +client, blocked: true }),
    "Unblock": (business, client) => post("/control/telegram/block", { bot: +business, person: +client, blocked: false }),
  },
};

const does = (what) => (business, client) => post("/control/whatsapp/person", { number: business, customer: client, what });

const whatsapp = {
  name: "whatsapp",
  title: "WhatsApp",
  clients: (all) => all.customers.map((it) => [it.id, it.phone_hidden ? `${it.name} (number hidden)` : it.name]),
  businesses: (all) => all.numbers.map((it) => [it.phone_number_id, it.display]),
  chat: (all, business, client) => all.chats.find((it) => it.number === business && it.customer === client),
  state(all, _business, chat) {
    const open = recent(chat?.last_inbound_at, 24 * 3600) ? "24-hour window open" : "24-hour window closed";
    return `webhooks to ${all.callback ?? "nowhere"}${all.pending ? `, ${all.pending} not taken yet` : ""}. ${open}.`;
  },
  messages: (chat) =>
    chat.messages.map((it) => ({
      key: it.wamid,
      own: !it.from_business,
      body: marked(it.text),
      meta: `${clock(it.sent_at)}, ${it.status}${it.kind === "template" ? ", template" : ""}${it.code ? ` (${it.code})` : ""}`,
      wrong: it.status === "failed",
      offers: it.offers.map((offer) => ({ title: offer.title, description: offer.description })),
    })),
  writing: (chat) => (recent(chat.typing_at, 25) ? "writes…" : null),
  say: (business, client, text) => post("/control/whatsapp/say", { number: business, customer: client, text }),
  tap: (business, client, key, title) => post("/control/whatsapp/tap", { number: business, customer: client, message: key, title }),
  file: (business, client, kind, file) => post("/control/whatsapp/file", { number: business, customer: client, kind, ...file }),
  add: (name) => post("/control/whatsapp/customers", { name, phone: `49170${Math.floor(1e6 + Math.random() * 9e6)}` }),
  deeds: {
    "Read": does("read"),
    "Let 24 hours pass": does("close_window"),
    "Stop promotions": does({ stop_marketing: true }),
    "Allow promotions": does({ stop_marketing: false }),
    "Hide number": does({ hide_phone: true }),
    "Show number": does({ hide_phone: false }),
    "Block": does({ block: true }),
    "Unblock": does({ block: false }),
  },
};

function pane(side) {
  const root = document.getElementById(side.name);
  root.append(document.getElementById("pane").content.cloneNode(true));
  const find = (selector) => root.querySelector(selector);
  const [log, box, client, business] = [".log", "textarea", ".client", ".business"].map(find);
  find("h2").textContent = side.title;
  box.id = `${side.name}-text`;
  Object.assign(find("form label"), { htmlFor: box.id, textContent: `Message on ${side.title}` });
  const attempt = async (deed) => {
    try {
      await deed();
    } catch (error) {
      find(".state").textContent = error.message;
    }
  };
  const button = (title, deed) => texts("button", title, { type: "button", onclick: () => attempt(deed) });

  find("form").onsubmit = (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    attempt(() => side.say(business.value, client.value, text));
  };
  box.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    find("form").requestSubmit();
  };
  find(".new-client").onclick = () => {
    const name = prompt("Their name");
    if (name) attempt(() => side.add(name));
  };
  const picker = texts("input", "", { type: "file", hidden: true });
  picker.onchange = async () => {
    const [file] = picker.files;
    picker.value = "";
    const url = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(file);
    });
    const kind = /^(image|audio)\//.exec(file.type)?.[1] ?? "document";
    const mime = file.type || "application/octet-stream";
    const content = { name: file.name, mime, bytes: url.slice(url.indexOf(",") + 1), caption: box.value.trim() };
    box.value = "";
    attempt(() => side.file(business.value, client.value, kind, content));
  };
  find(".deeds").append(picker, button("Send a file", () => picker.click()));
  for (const [title, deed] of Object.entries(side.deeds)) {
    find(".deeds").append(button(title, () => deed(business.value, client.value)));
  }
  for (const [title, fault] of faults) {
    find(".faults").append(button(title, () => post("/control", { [side.name]: { next: [fault] } })));
  }

  let latest;
  const options = (select, list) => {
    const shown = JSON.stringify(list);
    if (select.dataset.shown === shown) return;
    const chosen = select.value;
    select.dataset.shown = shown;
    select.replaceChildren(...list.map(([value, title]) => texts("option", title, { value })));
    if (list.some(([value]) => value === chosen)) select.value = chosen;
  };
  const item = (message) => {
    const line = texts("article", "", { className: message.own ? "own" : "" });
    const bubble = texts("div", "", { className: "bubble" });
    bubble.append(message.body);
    line.append(bubble);
    const offers = texts("div", "", { className: "offers" });
    for (const offer of message.offers ?? []) {
      const tap = () => (offer.url ? window.open(offer.url, "_blank", "noopener") : side.tap(business.value, client.value, message.key, offer.title));
      offers.append(Object.assign(button(offer.title, tap), { title: offer.description ?? "" }));
    }
    if (offers.childElementCount) line.append(offers);
    if (message.meta) line.append(texts("div", message.meta, { className: message.wrong ? "meta wrong" : "meta" }));
    return line;
  };
  const draw = () => {
    options(client, side.clients(latest));
    options(business, side.businesses(latest));
    const chat = side.chat(latest, business.value, client.value);
    find(".state").textContent = side.state(latest, business.value, chat);
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    const lines = (chat ? side.messages(chat).slice(-100) : []).map(item);
    const writing = chat && side.writing(chat);
    if (writing) {
      const line = item({ own: false, body: writing });
      line.className = "writing";
      lines.push(line);
    }
    // Only what is new is said aloud.
    const same = (a, b) => a?.isEqualNode(b);
    let kept = 0;
    while (kept < lines.length && same(log.children[kept], lines[kept])) kept++;
    while (log.children.length > kept) log.lastChild.remove();
    log.append(...lines.slice(kept));
    if (atEnd) log.scrollTop = log.scrollHeight;
  };
  client.onchange = business.onchange = draw;
  // What is being written disappears by itself.
  setInterval(() => latest && draw(), 2000);
  return (all) => {
    latest = all[side.name];
    draw();
  };
}

const panes = [pane(telegram), pane(whatsapp)];

for (const button of document.querySelectorAll("[data-show]")) {
  button.onclick = () => {
    for (const other of document.querySelectorAll("[data-show]")) {
      other.setAttribute("aria-pressed", String(other === button));
      document.getElementById(other.dataset.show).classList.toggle("shown", other === button);
    }
  };
}
document.getElementById("telegram").classList.add("shown");
document.getElementById("new-bot").onclick = () => {
  const name = prompt("Its name");
  if (name) post("/control/telegram/bots", { name, username: `${name.toLowerCase().replace(/[^a-z0-9]+/g, "_")}_bot` });
};
document.getElementById("new-number").onclick = () => {
  const name = prompt("The business's name");
  if (name) post("/control/whatsapp/numbers", { name, display: `+49 30 ${Math.floor(1e6 + Math.random() * 9e6)}` });
};

function tokens(all) {
  document.getElementById("start").textContent = `${all.start_with.join(" \\\n")} \\\ncoxswain serve`;
  const rows = [
    ...all.telegram.bots.map((it) => [`Telegram, @${it.username}`, it.token]),
    ...all.whatsapp.numbers.flatMap((it) => [
      [`WhatsApp, ${it.display}: phone number id`, it.phone_number_id],
      ["business account", it.business_account_id],
      ["access token", it.access_token],
    ]),
  ];
  document.getElementById("tokens").replaceChildren(...rows.flatMap(([name, value]) => [texts("dt", name), texts("dd", value)]));
}

let version = -1;
for (;;) {
  try {
    const answer = await fetch(`/control/state${version < 0 ? "" : `?since=${version}`}`);
    const all = await answer.json();
    if (all.version !== version) tokens(all);
    version = all.version;
    for (const draw of panes) draw(all);
    document.getElementById("lost").hidden = true;
  } catch {
    document.getElementById("lost").hidden = false;
    version = -1;
    await new Promise((done) => setTimeout(done, 1000));
  }
}
