/* Keeps a page of the preview as it is now: style sheets are swapped in place, the page is loaded again when it has
   changed itself, and what is wrong is laid over it until it is put right. */
(function () {
  "use strict";
  var me = document.currentScript;
  var path = me.dataset.path;
  var shape = me.dataset.shape;
  var PLACE = "sitrep-place";
  var HIDDEN = "sitrep-hidden";

  function keep(name, value) { try { sessionStorage.setItem(name, value); } catch (e) { /* not allowed here */ } }
  function kept(name) { try { return sessionStorage.getItem(name); } catch (e) { return null; } }

  // -- the place in the page ----------------------------------------------------------------------------------------

  function restore() {
    var place = (kept(PLACE) || "").split(" ");
    keep(PLACE, "");
    if (place.length === 3 && place[2] === location.pathname + location.search) scrollTo(Number(place[0]), Number(place[1]));
  }

  function reload() {
    keep(PLACE, [scrollX, scrollY, location.pathname + location.search].join(" "));
    location.reload();
  }

  if (document.readyState === "complete") restore(); else addEventListener("load", restore);

  // -- style sheets -------------------------------------------------------------------------------------------------

  function sheets(wanted) {
    var here = Array.prototype.slice.call(document.querySelectorAll('link[rel="stylesheet"]')).filter(function (link) {
      return link.getAttribute("href").charAt(1) !== "_";
    });
    if (here.length !== wanted.length) { reload(); return; }
    wanted.forEach(function (href, i) {
      if (here[i].getAttribute("href") === href) return;
      var next = here[i].cloneNode();
      next.href = href;
      next.addEventListener("load", function () { here[i].remove(); });
      next.addEventListener("error", reload);
      here[i].after(next);
    });
  }

  // -- what is wrong ------------------------------------------------------------------------------------------------

  var host = document.createElement("sitrep-overlay");
  var root = host.attachShadow({ mode: "open" });
  var style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = "/_live.css";
  root.append(style);
  document.documentElement.append(host);

  function element(name, text, into) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    if (into) into.append(made);
    return made;
  }

  function listed(problems, into) {
    var list = element("ul", "", into);
    problems.forEach(function (problem) {
      var item = element("li", "", list);
      item.dataset.severity = problem.severity;
      if (problem.place) { element("code", problem.place, item); item.append(" "); }
      element("b", problem.severity, item);
      item.append(" " + problem.message);
      if (problem.hint) { item.append(" "); element("span", "(" + problem.hint + ")", item); }
      item.append(" ");
      element("i", "[" + problem.code + "]", item);
    });
  }

  function overlay(state) {
    var old = root.querySelector(".over");
    if (old && old.dataset.id === state.id) return;
    if (old) old.remove();
    if (!state.message || kept(HIDDEN) === state.id) return;
    var over = element("div", "", root);
    over.className = "over";
    over.dataset.id = state.id;
    over.setAttribute("role", "alertdialog");
    over.setAttribute("aria-label", state.message);
    var head = element("div", "", over);
    head.className = "top";
    element("h2", state.message, head);
    var hide = element("button", "Hide", head);
    hide.type = "button";
    hide.addEventListener("click", function () { keep(HIDDEN, state.id); over.remove(); });
    element("p", state.note, over);
    listed(state.problems, over);
    if (state.others.length) {
      var more = element("details", "", over);
      element("summary", "Other problems: " + state.others.length, more);
      listed(state.others, more);
    }
  }

  addEventListener("keydown", function (event) {
    var hide = event.key === "Escape" && root.querySelector(".over button");
    if (hide) hide.click();
  });

  // -- the server ---------------------------------------------------------------------------------------------------

  var lost = element("p", "The preview server does not answer: this page may be out of date.");
  lost.className = "lost";
  lost.setAttribute("role", "status");

  // A browser opens few connections to one server: a tab that nobody looks at gives its own back.
  var events = null;

  function listen() {
    if (events || document.visibilityState === "hidden") return;
    events = new EventSource("/_events?path=" + encodeURIComponent(path) + "&shape=" + encodeURIComponent(shape));
    events.addEventListener("open", function () { lost.remove(); });
    events.addEventListener("error", function () { root.append(lost); });
    events.addEventListener("reload", function () { leave(); reload(); });
    events.addEventListener("sheets", function (event) { sheets(JSON.parse(event.data)); });
    events.addEventListener("state", function (event) { overlay(JSON.parse(event.data)); });
  }

  function leave() {
    if (events) events.close();
    events = null;
  }

  addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") leave(); else listen(); });
  addEventListener("pagehide", leave);
  addEventListener("pageshow", function (event) { if (event.persisted) reload(); });
  listen();
})();
