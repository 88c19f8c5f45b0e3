/* Ways to other pages: the switcher, which finds any page by its name, and cards, which show what a link leads to; light
   or dark; links to copy. Without this script there are the menu, the lists and the links themselves. */
(function () {
"use strict";
var root = document.documentElement;

/* Light or dark: as the system has it, unless one is chosen here; the choice is kept where the browser allows it. This
   comes first of all that runs, so that a page is hardly ever seen in another light before. */
var button = document.querySelector(".theme");
var THEME = "words:theme_script", KEY = "sitrep-theme", NEXT = { auto: "light", light: "dark", dark: "auto" };
var theme = "auto";

function show(chosen) {
  theme = NEXT[chosen] ? chosen : "auto";
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  button.ariaLabel = button.title = THEME[theme];
}

function kept() {
  try { show(localStorage.getItem(KEY)); } catch (why) { show(theme); }
}

if (button) {
  kept();
  addEventListener("pageshow", kept);
  addEventListener("storage", kept);
  button.addEventListener("click", () => {
    show(NEXT[theme]);
    try { localStorage.setItem(KEY, theme); } catch (why) { /* for this page alone */ }
  });
}

var ROOT = new URL("..", document.currentScript.src).href, COPY = "words:copy_script", KIND = "words:kind";
var main = document.querySelector("main"), names = null, live = null;

function make(name, text, parent, has) {
  var element = document.createElement(name);
  if (text) element.textContent = text;
  for (var key in has) element.setAttribute(key, has[key]);
  if (parent) parent.append(element);
  return element;
}

/* A button that copies the address of a piece of this page. That it did is seen on it, and said. */
function copier(id, label, sign, done) {
  var button = make("button", sign, null, { type: "button", class: "copy", title: label, "aria-label": label });
  button.addEventListener("click", () => {
    var address = location.href.split("#")[0] + "#" + id, asked = navigator.clipboard;
    live.textContent = "";
    (asked ? asked.writeText(address) : Promise.reject()).catch(() => {
      if (!byHand(address)) throw new Error(address);
    }).then(() => {
      live.textContent = COPY.copied;
      button.textContent = done || COPY.copied;
      setTimeout(() => { button.textContent = sign; }, 2000);
    }, () => { live.textContent = COPY.failed; });
  });
  return button;
}

/* On a page that comes by plain http. */
function byHand(text) {
  var done = false;
  function give(event) {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    done = true;
  }
  document.addEventListener("copy", give);
  document.execCommand("copy");
  document.removeEventListener("copy", give);
  return done;
}

live = make("p", "", null, { class: "unseen", role: "status" });
document.body.prepend(live);
document.querySelectorAll(".note .num").forEach((number) => {
  number.after(copier(number.hash.slice(1), COPY.passage.replace("{number}", number.textContent), "¶", "✓"));
});

/* The names of all pages, by kind. They are loaded when they are first asked for, as a script: that works from a folder
   too. What could not be loaded is asked for again. */
function named() {
  names = names || new Promise((done, failed) => {
    var script = make("script");
    window.sitrepNames = done;
    script.src = ROOT + "names.js";
    script.onerror = () => { names = null; script.remove(); failed(); };
    document.head.append(script);
  });
  return names;
}

/* The switcher. */
(function () {
  var opener = document.querySelector(".find");
  if (!opener || !window.HTMLDialogElement) return;
  var KINDS = ["actors", "sources", "claims", "events", "topics", "briefs", "articles", "pages"];
  var WORDS = "words:find_script";
  var MOST = 30;
  var LETTERS = { "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h" };
  var dialog, field, list, told, entries = null, shown = [], at = 0;

  /* Without case, marks above letters and the vowel signs of Hebrew and Arabic; all that is no letter or digit parts
     words. A syllable of Hangul is its letters, so that it is found while it is typed. */
  function fold(text) {
    return text.toLowerCase().normalize("NFKD")
      .replace(/[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1-\u05c7\u0640\u064b-\u065f\u0670'’ʼ]/g, "")
      .replace(/[øłđðþßæœıħ]/g, (letter) => LETTERS[letter])
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();
  }

  function take(kinds) {
    entries = [];
    KINDS.forEach((kind, rank) => {
      (kinds[kind] || []).forEach((name) => {
        entries.push({ kind, rank, id: name[0], names: name.slice(1), keys: name.slice(1).map(fold) });
      });
    });
    fill();
  }

  /* How well a name answers: as a whole, from its beginning, from the beginnings of its words, anywhere. */
  function score(key, asked, parts) {
    if (key === asked) return 0;
    if (key.startsWith(asked)) return 1;
    var worst = 2;
    for (var i = 0; i < parts.length; i++) {
      var place = key.indexOf(parts[i]);
      if (place < 0) return 9;
      if (place > 0 && key.indexOf(" " + parts[i]) < 0) worst = 4;
    }
    return worst === 2 && (" " + key).indexOf(" " + asked) < 0 ? 3 : worst;
  }

  /* Names before aliases, short ones before long ones. */
  function find(text) {
    var asked = fold(text), parts = asked.split(" ");
    if (!asked) return { all: entries.filter((entry) => entry.kind === "pages") };
    var found = [];
    entries.forEach((entry) => {
      var best = 99, which = 0;
      for (var i = 0; i < entry.keys.length; i++) {
        var points = score(entry.keys[i], asked, parts) * 2 + (i ? 1 : 0);
        if (points < 18 && points < best) { best = points; which = i; }
      }
      if (best < 99) found.push({ entry, best, which, length: entry.keys[which].length });
    });
    found.sort((a, b) => a.best - b.best || a.entry.rank - b.entry.rank || a.length - b.length);
    return { all: found.map((hit) => hit.entry), which: found.map((hit) => hit.which) };
  }

  function address(entry) {
    return ROOT + (entry.kind === "pages" ? entry.id : entry.kind + "/" + encodeURIComponent(entry.id) + ".html");
  }

  function option(href, name, kind) {
    var made = make("a", name + " ", null, { href: href, id: "find-" + shown.length, tabindex: -1, role: "option" });
    make("span", kind, made, { class: "meta" });
    shown.push(made);
    return made;
  }

  function fill() {
    if (!entries) return;
    var found = find(field.value), made = document.createDocumentFragment(), asked = field.value.trim();
    shown = [];
    found.all.slice(0, MOST).forEach((entry, n) => {
      var which = found.which ? found.which[n] : 0, other = which ? entry.names[which] + ", " : "";
      made.append(option(address(entry), entry.names[0], other + KIND[entry.kind.slice(0, -1)]));
    });
    var search = document.querySelector("nav a[href$='search.html']");
    if (search && asked && location.protocol !== "file:") {
      made.append(option(search.href + "?q=" + encodeURIComponent(asked), say(WORDS.search, "words", asked), WORDS.search_kind));
    }
    list.replaceChildren(made);
    list.scrollTop = 0;
    var count = found.all.length;
    told.textContent = !asked ? "" : count > MOST ? say(say(WORDS.some, "shown", MOST), "all", count) :
      count ? counted(WORDS.found, count) : WORDS.none;
    choose(0);
  }

  function say(text, name, value) { return text.split("{" + name + "}").join(value); }

  function counted(forms, n) {
    var form = "other";
    try { form = new Intl.PluralRules(root.lang).select(n); } catch (why) { /* no language */ }
    return say(forms[form] || forms.other, "n", n);
  }

  function choose(n) {
    if (shown[at]) shown[at].removeAttribute("aria-selected");
    at = shown.length ? (n + shown.length) % shown.length : 0;
    if (shown[at]) {
      shown[at].setAttribute("aria-selected", "true");
      shown[at].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", shown[at].id);
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  }

  function build() {
    dialog = make("dialog", "", document.body, { class: "finder", "aria-label": WORDS.title });
    field = make("input", "", dialog, {
      type: "text", role: "combobox", enterkeyhint: "go", placeholder: WORDS.placeholder, autocomplete: "off", spellcheck: "false",
      "aria-label": WORDS.label, "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": "find-list"
    });
    list = make("div", "", dialog, { id: "find-list", role: "listbox", "aria-label": WORDS.pages });
    told = make("p", "", dialog, { class: "meta", role: "status" });
    field.addEventListener("input", fill);
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown") choose(at + 1);
      else if (event.key === "ArrowUp") choose(at - 1);
      else if (event.key === "Enter" && shown[at]) shown[at].click();
      else if (event.key === "Escape") shut();
      else return;
      event.preventDefault();
    });
    list.addEventListener("pointermove", (event) => {
      var over = shown.indexOf(event.target.closest("[role=option]"));
      if (over >= 0 && over !== at) choose(over);
    });
    list.addEventListener("click", (event) => {
      if (event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey) shut();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) shut();
    });
  }

  /* A field that has gone keeps the keys until the page is drawn again. */
  function shut() {
    dialog.close();
    field.blur();
  }

  function open() {
    if (!dialog) build();
    if (dialog.open) return;
    if (!entries) {
      told.textContent = WORDS.loading;
      named().then(take, () => { told.textContent = WORDS.failed; });
    }
    dialog.showModal();
    field.focus();
    field.select();
  }

  opener.setAttribute("aria-keyshortcuts", "/ Control+K");
  opener.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    var key = event.key.toLowerCase(), typing = event.target.closest("input, textarea, select, [contenteditable]");
    var alone = !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((key === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) ||
        (key === "/" && alone && !typing)) {
      event.preventDefault();
      open();
    }
  });
})();

/* Cards: what a link leads to, without the way there and back. A number of a brief shows its reference; any other link
   of the text what its page says first, or, where that cannot be fetched (in a folder), what is known of it here. */
(function () {
  if (!HTMLElement.prototype.showPopover) return;
  var WORDS = "words:card_script";
  var card = make("aside", "", main, { class: "card", id: "card", popover: "auto", "aria-label": WORDS.title });
  var LINKS = "a.cite, .body a[class], .note a, .via a, .named a, .statements a, .quoted a, .origin a, .basis a, .answer a";
  var THING = /(?:^|\/)(article|actor|event|source|claim|topic|brief)s\/([^#?]+)\.html/;
  var ROWS = ".statements > .row, .dated > .row, .note, .judgments > li, .quoted, .reference";
  var SOON = 300, PATIENCE = 800, MOST = 4;
  var pages = {};
  var from = null, waiting = 0, pointer = "mouse", again = false, turn = 0;

  function links(target) {
    var link = target instanceof Element ? target.closest(LINKS) : null;
    if (!link || !main.contains(link) || card.contains(link)) return null;
    return link.matches(".cite") || leads(link) ? link : null;
  }

  /* Whether it leads to another page of a thing. */
  function leads(link) {
    return link.host === location.host && link.pathname !== location.pathname && THING.test(link.pathname);
  }

  /* A copy that can stand elsewhere: without ids, with addresses that hold here. */
  function copy(element, base) {
    var made = document.importNode(element, true);
    [made, ...made.querySelectorAll("*")].forEach((part) => {
      part.removeAttribute("id");
      if (part.hasAttribute("href")) part.setAttribute("href", new URL(part.getAttribute("href"), base).href);
    });
    return made;
  }

  function reference(link) {
    var found = document.getElementById(link.hash.slice(1));
    if (!found) return null;
    var holder = make("div", "", null, { class: found.className });
    holder.append(...copy(found, location.href).childNodes);
    holder.querySelectorAll(".back").forEach((element) => { element.remove(); });
    return holder;
  }

  function line(words, name, holder) {
    if (words) make("p", words, holder, { class: name });
  }

  /* Two of the quotations that rows have, each with its date, and with where it stands or what it is about. */
  function quote(rows, base, holder, otherwise) {
    var seen = {}, quotes = 0;
    rows.forEach((row) => {
      var words = row.querySelector("blockquote, .sentences li, .what");
      var text = words ? words.textContent.trim() : "";
      if (quotes === 2 || !text || seen[text]) return;
      seen[text] = true;
      quotes += 1;
      var made = make("blockquote", "", holder), inner = copy(words, base);
      if (words.lang) { made.lang = words.lang; made.dir = "auto"; }
      made.append(...inner.childNodes);
      var date = row.querySelector(".date"), where = row.querySelectorAll(".particulars > a, .head a, .note .about :is(.s, .thing)");
      date = date ? date.textContent : otherwise;
      if (!date && !where.length) return;
      var foot = make("p", date, holder, { class: "meta" });
      [...where].slice(0, 2).forEach((part) => { foot.append(" ", copy(part, base)); });
    });
    return holder;
  }

  /* What is known of it here: of what kind its page is, all its names, the words that stand for it, and the statements
     of this page that it has a part in, the latest first. */
  function said(link) {
    var match = THING.exec(link.pathname), holder = make("div"), page = link.href.split("#")[0];
    var time = main.querySelector("header time"), day = time ? time.textContent : "";
    function date(row) { var found = row.querySelector(".date"); return found ? found.textContent : day; }
    return soon(named()).then((kinds) => {
      var id = decodeURIComponent(match[2]), words = link.textContent.trim();
      var found = ((kinds || {})[match[1] + "s"] || []).find((name) => name[0] === id);
      var called = found ? found.slice(1) : [link.title || words];
      line(KIND[match[1]], "kind", holder);
      line(called[0], "name", holder);
      if (called.length > 1) line(say(WORDS.also, called.slice(1, 1 + MOST).join(", ")), "meta", holder);
      if (called.indexOf(words) < 0) line(say(WORDS.here, words), "meta", holder);
      var rows = [...main.querySelectorAll(ROWS)].filter((row) => !row.contains(link) &&
        [...row.querySelectorAll("a")].some((other) => other.href.split("#")[0] === page));
      rows.sort((a, b) => date(b) > date(a) ? 1 : date(b) < date(a) ? -1 : 0);
      return quote(rows, location.href, holder, day);
    });
  }

  function say(text, words) { return text.split("{words}").join(words); }

  /* What its page says first: who or what it is, the latest, and two quotations. */
  function drawn(link, page) {
    var head = page.querySelector("main header.head"), title = page.querySelector("main h1");
    if (!head || !title) return said(link);
    var base = link.href, holder = make("div"), kind = head.querySelector(".kind");
    if (kind) holder.append(copy(kind, base));
    line(title.textContent, "name", holder);
    var latest = page.querySelector(".ledger .line");
    [head.querySelector(".answer"), head.querySelector(".lead"), latest].filter(Boolean).slice(0, 2)
      .forEach((part) => { holder.append(copy(part, base)); });
    return quote(page.querySelectorAll("main :is(" + ROWS + ")"), base, holder, "");
  }

  /* What is promised, or nothing where it does not come in time. */
  function soon(promised) {
    var late = new Promise((done) => { setTimeout(done, PATIENCE, null); });
    return Promise.race([promised.catch(() => null), late]);
  }

  /* The page of a link, once; null where it cannot be had. */
  function fetched(link) {
    var href = link.href.split("#")[0];
    if (location.protocol === "file:") return Promise.resolve(null);
    if (!pages[href]) {
      pages[href] = fetch(href)
        .then((answer) => answer.ok ? answer.text() : "")
        .then((text) => text ? new DOMParser().parseFromString(text, "text/html") : null)
        .catch(() => { delete pages[href]; return null; });
    }
    return soon(pages[href]);
  }

  function show(link, focus) {
    var mine = ++turn;
    if (link.matches(".cite")) {
      var found = reference(link);
      if (found) present(link, found, WORDS.reference.replace("{number}", link.hash.slice(5)), focus);
      return !!found;
    }
    fetched(link).then((page) => page ? drawn(link, page) : said(link)).then((body) => {
      if (mine === turn) present(link, body, WORDS.open, focus);
    });
    return true;
  }

  function present(link, body, words, focus) {
    if (document.querySelector("dialog[open]")) return;
    if (from) from.removeAttribute("aria-details");
    from = link;
    var way = make("a", words, null, { class: "way", href: link.getAttribute("href") });
    card.replaceChildren(body, way);
    if (link.id) card.append(copier(link.id, WORDS.copy, WORDS.copy));
    card.scrollTop = 0;
    card.showPopover();
    link.setAttribute("aria-details", "card");
    place(link);
    if (focus) way.focus({ preventScroll: true });
  }

  /* Under the words or, where there is no room, over them. */
  function place(link) {
    var boxes = link.getClientRects(), at = boxes[0] || link.getBoundingClientRect();
    var last = boxes[boxes.length - 1] || at;
    var start = root.dir === "rtl" ? at.right + 24 - card.offsetWidth : at.left - 24;
    var left = Math.max(8, Math.min(start, root.clientWidth - card.offsetWidth - 8));
    var below = last.bottom + 6;
    var room = below + card.offsetHeight <= innerHeight || at.top < card.offsetHeight + 6;
    card.style.left = left + scrollX + "px";
    card.style.top = (room ? below : at.top - card.offsetHeight - 6) + scrollY + "px";
  }

  function showing() { return card.matches(":popover-open"); }

  function hide() {
    turn += 1;
    clearTimeout(waiting);
    if (showing()) card.hidePopover();
  }

  function later(act) {
    clearTimeout(waiting);
    waiting = setTimeout(act, SOON);
  }

  card.addEventListener("beforetoggle", (event) => {
    if (event.newState === "closed" && from) from.removeAttribute("aria-details");
  });

  main.addEventListener("pointerover", (event) => {
    var link = event.pointerType === "mouse" ? links(event.target) : null;
    if (!link) return;
    if (link === from && showing()) { clearTimeout(waiting); return; }
    later(() => { show(link, false); });
  });
  main.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse" || !links(event.target) || links(event.relatedTarget) === links(event.target)) return;
    later(hide);
  });
  card.addEventListener("pointerenter", () => { clearTimeout(waiting); });
  card.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && !card.contains(document.activeElement)) later(hide);
  });

  /* Who comes by the keyboard and stays sees it; Tab leads into it, and Escape away. */
  main.addEventListener("focusin", (event) => {
    var link = links(event.target);
    if (link && link.matches(":focus-visible") && !(link === from && showing())) later(() => { show(link, false); });
  });
  main.addEventListener("focusout", (event) => {
    if (card.contains(event.relatedTarget) || event.relatedTarget === from && showing()) return;
    if (links(event.target) || card.contains(event.target)) { clearTimeout(waiting); if (event.relatedTarget) hide(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      turn += 1;
      clearTimeout(waiting);
      if (showing() && card.contains(document.activeElement)) from.focus({ preventScroll: true });
      return;
    }
    if (event.key !== "Tab" || !showing()) return;
    var inside = card.querySelectorAll("a, button"), last = inside[inside.length - 1], now = document.activeElement;
    if (now === from && !event.shiftKey) { event.preventDefault(); inside[0].focus({ preventScroll: true }); }
    if (now === (event.shiftKey ? inside[0] : last)) {
      from.focus({ preventScroll: true });
      if (event.shiftKey) event.preventDefault();
      hide();  /* Forwards, the browser goes on from the link. */
    }
  });

  /* A finger: first the card, and in it the way on. */
  document.addEventListener("pointerdown", (event) => {
    pointer = event.pointerType;
    again = showing() && links(event.target) === from;
  }, true);
  main.addEventListener("click", (event) => {
    if (event.target.closest("a.way")) { hide(); return; }
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    var link = links(event.target);
    if (!link) return;
    clearTimeout(waiting);
    if (link.matches(".cite")) {
      if (show(link, true)) event.preventDefault();
    } else if (event.detail && pointer !== "mouse" && !again) {
      event.preventDefault();
      show(link, false);
    } else {
      turn += 1;
    }
  });
})();
})();
