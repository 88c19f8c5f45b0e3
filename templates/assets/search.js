/* The search page: what pagefind has indexed, narrowed by facets, each hit with the sentence it stands in. */
(function () {
  "use strict";
  var ROOT = new URL("..", document.currentScript.src).href;
  var form = document.querySelector("form.search"), told = document.getElementById("told");
  var list = document.getElementById("found"), more = document.querySelector("button.more");
  if (!form) return;
  var FACETS = ["kind", "date", "source", "topic", "status"];
  var AT_ONCE = 10, WAIT = 150;
  var WORDS = "words:search_script";
  var engine = null, tries = 0, turn = 0, hits = [], shown = 0, waiting = 0;

  if (location.protocol === "file:") {
    told.textContent = WORDS.folder;
    form.querySelectorAll("input, select").forEach((field) => { field.disabled = true; });
    return;
  }

  function counted(forms, n) {
    var form = "other";
    try { form = new Intl.PluralRules(document.documentElement.lang).select(n); } catch (why) { /* no language */ }
    return (forms[form] || forms.other).replace("{n}", n);
  }

  function load() {
    if (!engine) {
      told.textContent = WORDS.loading;
      engine = import(ROOT + "pagefind/pagefind.js" + (tries ? "?" + tries : "")).then((pagefind) => {
        return pagefind.options({ noWorker: true, basePath: ROOT + "pagefind/", baseUrl: "/" })
          .then(() => pagefind.init())
          .then(() => pagefind.filters())
          .then((found) => { offer(found); return pagefind; });
      });
      engine.catch((why) => {  /* The network may have been away: once more, by an address not known to fail. */
        engine = null;
        tries += 1;
        console.warn(why);
        if (tries === 1) setTimeout(search, 500);
        else told.textContent = WORDS.failed;
      });
    }
    return engine;
  }

  function offer(found) {
    var asked = new URLSearchParams(location.search);
    if (form.elements.kind.options.length > 1) return;
    FACETS.forEach((name) => {
      var field = form.elements[name], values = Object.keys(found[name] || {}).sort();
      if (name === "date") values.reverse();
      field.disabled = values.length < 2;
      values.forEach((value) => { field.add(new Option(value, value)); });
      field.value = asked.get(name) || "";
      if (field.selectedIndex < 0) field.value = "";
    });
  }

  function make(name, text, kind) {
    var element = document.createElement(name);
    if (text) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  }

  /* The sentence of the first word that was found behind the title, or nothing. Places are counted in words. */
  function sentence(data) {
    var words = data.content.split(/[\r\n\s]+/g), at = {}, title = data.meta.title.trim().split(/\s+/).length;
    var first = data.locations.reduce((least, place) => place < title ? least : Math.min(least, place), words.length);
    if (first === words.length && data.locations.length) return "";
    if (first === words.length) first = Math.min(title, words.length - 1);
    data.locations.forEach((place) => { at[place] = true; });
    var start = first, end = first;
    while (start > title && !/[.!?…。！？]["”’»)\]]*$/.test(words[start - 1]) && first - start < 40) start -= 1;
    while (end < words.length - 1 && !/[.!?…。！？]["”’»)\]]*$/.test(words[end]) && end - first < 40) end += 1;
    var made = make("blockquote");
    words.slice(start, end + 1).forEach((word, n) => {
      if (n) made.append(" ");
      made.append(at[start + n] ? make("mark", word) : word);
    });
    return made;
  }

  function row(data) {
    var item = make("li", "", "row"), head = make("p", "", "head"), link = make("a", data.meta.title), quote = sentence(data);
    var what = make("span", [data.meta.kind, data.meta.date].filter(Boolean).join(", "), "meta");
    link.href = ROOT + (data.raw_url || data.url).replace(/^\//, "");
    head.append(link, " ", what);
    item.append(head, quote);
    if (quote) link.hash = ":~:text=" + encodeURIComponent(quote.textContent).replace(/-/g, "%2D");
    return item;
  }

  function show() {
    var mine = turn, some = hits.slice(shown, shown + AT_ONCE);
    shown += some.length;
    return Promise.all(some.map((hit) => hit.data())).then((found) => {
      if (mine !== turn) return null;
      found.forEach((data) => { list.append(row(data)); });
      more.hidden = shown >= hits.length;
      return list.children[shown - some.length];
    });
  }

  function search() {
    var mine = ++turn, asked = form.elements.q.value.trim(), filters = {}, address = new URL(location.href);
    load().then((pagefind) => {
      if (mine !== turn) return null;
      address.search = "";
      if (asked) address.searchParams.set("q", asked);
      FACETS.forEach((name) => {
        var value = form.elements[name].value;
        if (!value) return;
        filters[name] = value;
        address.searchParams.set(name, value);
      });
      history.replaceState(null, "", address);
      if (!asked && !Object.keys(filters).length) return { results: [] };
      return pagefind.search(asked || null, { filters: filters });
    }).then((found) => {
      if (!found || mine !== turn) return;
      hits = found.results;
      shown = 0;
      list.replaceChildren();
      more.hidden = true;
      told.textContent = !asked && !Object.keys(filters).length ? "\u00a0" :
        hits.length ? counted(WORDS.pages, hits.length) : WORDS.none;
      show();
    }).catch(() => {});
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(search, WAIT);
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  form.addEventListener("input", later);
  form.addEventListener("focusin", load, { once: true });
  more.addEventListener("click", () => {
    show().then((first) => { if (first) first.querySelector("a").focus(); });
  });
  var given = new URLSearchParams(location.search);
  if (Array.from(given.keys()).length) {
    form.elements.q.value = given.get("q") || "";
    search();
  }
})();
