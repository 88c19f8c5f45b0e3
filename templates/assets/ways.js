/* Ways to other pages: the switcher, which finds any page by its name, and cards, which show what a link leads to.
   Without this script there are the menu, the lists and the links themselves. */

/* The switcher. What it searches is loaded when it is first opened, as a script: that works from a folder too. */
(function () {
  "use strict";
  var opener = document.querySelector(".find");
  if (!opener || !window.HTMLDialogElement) return;
  var ROOT = new URL("..", document.currentScript.src).href;
  var KINDS = {
    actors: "actor", sources: "source", claims: "claim", events: "event", topics: "topic", briefs: "brief",
    articles: "article", pages: "page"
  };
  var WORDS = "words:find_script", KIND = "words:kind";
  var MOST = 30;
  var LETTERS = { "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h" };
  var dialog, field, list, told, entries = null, shown = [], at = 0;

  /* Without case, marks above letters and the vowel signs of Hebrew and Arabic; all that is no letter or digit parts
     words. A syllable of Hangul is its letters, so that it is found while it is typed. */
  function fold(text) {
    return text.toLowerCase().normalize("NFKD")
      .replace(/[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1-\u05c7\u0640\u064b-\u065f\u0670'’ʼ]/g, "")
      .replace(/[øłđðþßæœıħ]/g, function (letter) { return LETTERS[letter]; })
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();
  }

  window.sitrepNames = function (kinds) {
    entries = [];
    Object.keys(KINDS).forEach(function (kind, rank) {
      (kinds[kind] || []).forEach(function (name) {
        entries.push({ kind: kind, rank: rank, id: name[0], names: name.slice(1), keys: name.slice(1).map(fold) });
      });
    });
  };

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
    if (!asked) return { all: entries.filter(function (entry) { return entry.kind === "pages"; }) };
    var found = [];
    entries.forEach(function (entry) {
      var best = 99, which = 0;
      for (var i = 0; i < entry.keys.length; i++) {
        var points = score(entry.keys[i], asked, parts) * 2 + (i ? 1 : 0);
        if (points < 18 && points < best) { best = points; which = i; }
      }
      if (best < 99) found.push({ entry: entry, best: best, which: which, length: entry.keys[which].length });
    });
    found.sort(function (a, b) { return a.best - b.best || a.entry.rank - b.entry.rank || a.length - b.length; });
    return { all: found.map(function (hit) { return hit.entry; }), which: found.map(function (hit) { return hit.which; }) };
  }

  function address(entry) {
    return ROOT + (entry.kind === "pages" ? entry.id : entry.kind + "/" + encodeURIComponent(entry.id) + ".html");
  }

  function option(href, name, kind) {
    var made = document.createElement("a");
    made.href = href;
    made.id = "find-" + shown.length;
    made.tabIndex = -1;
    made.setAttribute("role", "option");
    made.append(name);
    var what = document.createElement("span");
    what.className = "meta";
    what.textContent = kind;
    made.append(" ", what);
    shown.push(made);
    return made;
  }

  function fill() {
    if (!entries) return;
    var found = find(field.value), made = document.createDocumentFragment(), asked = field.value.trim();
    shown = [];
    found.all.slice(0, MOST).forEach(function (entry, n) {
      var which = found.which ? found.which[n] : 0, other = which ? entry.names[which] + ", " : "";
      made.append(option(address(entry), entry.names[0], other + KIND[KINDS[entry.kind]]));
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
    try { form = new Intl.PluralRules(document.documentElement.lang).select(n); } catch (why) { /* no language */ }
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

  function make() {
    dialog = document.createElement("dialog");
    dialog.className = "finder";
    dialog.setAttribute("aria-label", WORDS.title);
    field = document.createElement("input");
    field.type = "text";
    field.enterKeyHint = "go";
    field.placeholder = WORDS.placeholder;
    var set = { role: "combobox", autocomplete: "off", spellcheck: "false", "aria-label": WORDS.label,
      "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": "find-list" };
    Object.keys(set).forEach(function (name) { field.setAttribute(name, set[name]); });
    list = document.createElement("div");
    list.id = "find-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", WORDS.pages);
    told = document.createElement("p");
    told.className = "meta";
    told.setAttribute("role", "status");
    dialog.append(field, list, told);
    document.body.append(dialog);
    field.addEventListener("input", fill);
    field.addEventListener("keydown", function (event) {
      if (event.isComposing) return;
      if (event.key === "ArrowDown") choose(at + 1);
      else if (event.key === "ArrowUp") choose(at - 1);
      else if (event.key === "Enter" && shown[at]) shown[at].click();
      else if (event.key === "Escape") dialog.close();
      else return;
      event.preventDefault();
    });
    list.addEventListener("pointermove", function (event) {
      var over = shown.indexOf(event.target.closest("[role=option]"));
      if (over >= 0 && over !== at) choose(over);
    });
    list.addEventListener("click", function (event) {
      if (event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey) dialog.close();
    });
    dialog.addEventListener("click", function (event) {
      if (event.target === dialog) dialog.close();
    });
    var names = document.createElement("script");
    names.src = ROOT + "names.js";
    names.onload = fill;
    names.onerror = function () { told.textContent = WORDS.failed; names.remove(); dialog.remove(); dialog = null; };
    told.textContent = WORDS.loading;
    document.head.append(names);
  }

  function open() {
    if (!dialog) make();
    if (dialog.open) return;
    dialog.showModal();
    field.focus();
    field.select();
  }

  opener.setAttribute("aria-keyshortcuts", "/ Control+K");
  opener.addEventListener("click", open);
  document.addEventListener("keydown", function (event) {
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
   of the text what its page says first, or, where that cannot be fetched (in a folder), what the link itself says. */
(function () {
  "use strict";
  if (!HTMLElement.prototype.showPopover) return;
  var WORDS = "words:card_script", NAMES = "words:kind";
  var main = document.querySelector("main");
  var card = document.createElement("aside");
  card.className = "card";
  card.id = "card";
  card.popover = "auto";
  card.setAttribute("aria-label", WORDS.title);
  main.append(card);
  var LINKS = "a.cite, .body a[class], .note a, .via a, .named a, .statements a, .quoted a, .origin a, .basis a, .answer a";
  var KIND = /(?:^|\/)(article|actor|event|source|claim|topic|brief)s\/[^#?]+\.html/;
  var SOON = 300, PATIENCE = 800;
  var pages = {};
  var from = null, waiting = 0, pointer = "mouse", again = false, turn = 0;

  function make(name, text, parent) {
    var element = document.createElement(name);
    if (text) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  }

  function links(target) {
    var link = target instanceof Element ? target.closest(LINKS) : null;
    if (!link || !main.contains(link) || card.contains(link)) return null;
    return link.matches(".cite") || leads(link) ? link : null;
  }

  /* Whether it leads to another page of a thing. */
  function leads(link) {
    return link.host === location.host && link.pathname !== location.pathname && KIND.test(link.pathname);
  }

  /* A copy that can stand elsewhere: without ids, with addresses that hold here. */
  function copy(element, base) {
    var made = document.importNode(element, true);
    [made].concat(Array.prototype.slice.call(made.querySelectorAll("*"))).forEach(function (part) {
      part.removeAttribute("id");
      if (part.hasAttribute("href")) part.setAttribute("href", new URL(part.getAttribute("href"), base).href);
    });
    return made;
  }

  function reference(link) {
    var found = document.getElementById(link.hash.slice(1));
    if (!found) return null;
    var holder = make("div");
    holder.className = found.className;
    holder.append.apply(holder, Array.prototype.slice.call(copy(found, location.href).childNodes));
    holder.querySelectorAll(".back").forEach(function (element) { element.remove(); });
    return holder;
  }

  /* What the link itself says: of what kind its page is, its name, and the words that stand for it here. */
  function said(link) {
    var holder = make("div"), kind = KIND.exec(link.pathname)[1];
    make("p", NAMES[kind], holder).className = "kind";
    var name = link.title || link.textContent;
    make("p", name, holder).className = "name";
    if (link.title && link.title !== link.textContent) make("p", WORDS.here.split("{words}").join(link.textContent), holder).className = "meta";
    return holder;
  }

  /* What its page says first: who or what it is, the latest, and two quotations. */
  function drawn(link, page) {
    var head = page.querySelector("main header.head"), title = page.querySelector("main h1");
    if (!head || !title) return said(link);
    var base = link.href, holder = make("div"), kind = head.querySelector(".kind");
    if (kind) holder.append(copy(kind, base));
    make("p", title.textContent, holder).className = "name";
    var line = page.querySelector(".ledger .line");
    [head.querySelector(".answer"), head.querySelector(".lead"), line].slice(0, 3).filter(Boolean).slice(0, 2)
      .forEach(function (part) { holder.append(copy(part, base)); });
    var seen = {}, quotes = 0;
    page.querySelectorAll("main .statements > .row, main .dated > .row, main .note, main .judgments > li").forEach(function (row) {
      var words = row.querySelector("blockquote, .sentences li, .what");
      var text = words ? words.textContent.trim() : "";
      if (quotes === 2 || !text || seen[text]) return;
      seen[text] = true;
      quotes += 1;
      var quote = make("blockquote", "", holder), inner = copy(words, base);
      if (words.lang) { quote.lang = words.lang; quote.dir = "auto"; }
      quote.append.apply(quote, Array.prototype.slice.call(inner.childNodes));
      var date = row.querySelector(".date"), where = row.querySelector(".particulars a, .head a");
      if (!date && !where) return;
      var foot = make("p", "", holder);
      foot.className = "meta";
      if (date) foot.append(date.textContent, " ");
      if (where) foot.append(copy(where, base));
    });
    return holder;
  }

  /* The page of a link, once; null where it cannot be had. */
  function fetched(link) {
    var href = link.href.split("#")[0];
    if (location.protocol === "file:") return Promise.resolve(null);
    if (!pages[href]) {
      pages[href] = fetch(href, { credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.text() : ""; })
        .then(function (text) { return text ? new DOMParser().parseFromString(text, "text/html") : null; })
        .catch(function () { delete pages[href]; return null; });
    }
    return Promise.race([pages[href], new Promise(function (done) { setTimeout(done, PATIENCE, null); })]);
  }

  function show(link, focus) {
    var mine = ++turn;
    if (link.matches(".cite")) {
      var found = reference(link);
      if (found) present(link, found, WORDS.reference.replace("{number}", link.hash.slice(5)), focus);
      return !!found;
    }
    fetched(link).then(function (page) {
      if (mine === turn) present(link, page ? drawn(link, page) : said(link), WORDS.open, focus);
    });
    return true;
  }

  function present(link, body, words, focus) {
    if (document.querySelector("dialog[open]")) return;
    if (from) from.removeAttribute("aria-details");
    from = link;
    var way = make("a", words);
    way.className = "way";
    way.href = link.getAttribute("href");
    card.replaceChildren(body, way);
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
    var wide = document.documentElement.clientWidth;
    var left = Math.max(8, Math.min(at.left - 24, wide - card.offsetWidth - 8));
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

  card.addEventListener("beforetoggle", function (event) {
    if (event.newState === "closed" && from) from.removeAttribute("aria-details");
  });

  main.addEventListener("pointerover", function (event) {
    var link = event.pointerType === "mouse" ? links(event.target) : null;
    if (!link) return;
    if (link === from && showing()) { clearTimeout(waiting); return; }
    later(function () { show(link, false); });
  });
  main.addEventListener("pointerout", function (event) {
    if (event.pointerType !== "mouse" || !links(event.target) || links(event.relatedTarget) === links(event.target)) return;
    later(hide);
  });
  card.addEventListener("pointerenter", function () { clearTimeout(waiting); });
  card.addEventListener("pointerleave", function (event) {
    if (event.pointerType === "mouse" && !card.contains(document.activeElement)) later(hide);
  });

  /* Who comes by the keyboard and stays sees it; Tab leads into it, and Escape away. */
  main.addEventListener("focusin", function (event) {
    var link = links(event.target);
    if (link && link.matches(":focus-visible") && !(link === from && showing())) later(function () { show(link, false); });
  });
  main.addEventListener("focusout", function (event) {
    if (card.contains(event.relatedTarget) || event.relatedTarget === from && showing()) return;
    if (links(event.target) || card.contains(event.target)) { clearTimeout(waiting); if (event.relatedTarget) hide(); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      turn += 1;
      clearTimeout(waiting);
      if (showing() && card.contains(document.activeElement)) from.focus({ preventScroll: true });
      return;
    }
    if (event.key !== "Tab" || !showing()) return;
    var inside = card.querySelectorAll("a"), last = inside[inside.length - 1], now = document.activeElement;
    if (now === from && !event.shiftKey) { event.preventDefault(); inside[0].focus({ preventScroll: true }); }
    if (now === (event.shiftKey ? inside[0] : last)) {
      from.focus({ preventScroll: true });
      if (event.shiftKey) event.preventDefault();
      hide();  /* Forwards, the browser goes on from the link. */
    }
  });

  /* A finger: first the card, and in it the way on. */
  document.addEventListener("pointerdown", function (event) {
    pointer = event.pointerType;
    again = showing() && links(event.target) === from;
  }, true);
  main.addEventListener("click", function (event) {
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
