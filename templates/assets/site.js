/* The apparatus of an article: in a wide window each note stands beside the words it is about, and pointing at one lights
   the other; in a narrow one it opens beneath their paragraph. Without this script the notes are a numbered column, and
   the numbers lead both ways. */
(function () {
"use strict";

function make(name, text, parent) {
  var element = document.createElement(name);
  if (text) element.textContent = text;
  if (parent) parent.append(element);
  return element;
}

function each(selector, act, root) { (root || document).querySelectorAll(selector).forEach(act); }

(function () {
  var notes = [...document.querySelectorAll(".note")];
  if (!notes.length) return;
  var beside = matchMedia("(min-width: 1100px)");
  var pairs = notes.map((note) => {
    var words = document.getElementById(note.querySelector(".num").hash.slice(1));
    return { note, words: words && !words.contains(note) ? words : null };
  });
  var home = notes[0].parentNode, numbered = [];
  each(".body .n", (number) => {
    var pair = pairs.find((pair) => pair.note.id === number.hash.slice(1));
    if (!pair) return;
    pair.number = number;
    numbered.push(pair);
  });

  /* Beneath the paragraph, and back into its place in the column. */
  function open(pair) {
    var block = pair.number.closest("li, td, th, p, .body > *"), here = make("ol"), root = document.documentElement;
    here.className = "apparatus notes here";
    here.lang = root.lang;
    here.dir = root.dir || "ltr";
    block[block.matches("li, td, th") ? "append" : "after"](here);
    move(pair, here);
  }

  function move(pair, list) {
    var from = pair.note.parentNode, behind = notes.slice(notes.indexOf(pair.note) + 1);
    if (from === list) return;
    list.insertBefore(pair.note, behind.find((note) => note.parentNode === list) || null);
    if (from !== home) from.remove();
    pair.number.setAttribute("aria-expanded", list !== home);
  }

  function offer() {
    numbered.forEach((pair) => {
      move(pair, home);
      if (beside.matches) pair.number.removeAttribute("aria-expanded");
      else pair.number.setAttribute("aria-expanded", false);
    });
  }

  /* A number or, easier to hit, the words before it. */
  document.addEventListener("click", (event) => {
    var at = event.target.closest(".body :is(a, mark)");
    if (beside.matches || !at || at.matches("a:not(.n)") || !getSelection().isCollapsed) return;
    var pair = numbered.find((pair) => pair.number === at || pair.words === at) || numbered.find((pair) =>
      at.matches("mark") && pair.number.offsetParent && at.compareDocumentPosition(pair.number) & 4);
    if (!pair) return;
    event.preventDefault();
    if (pair.note.parentNode === home) open(pair);
    else move(pair, home);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector(".card:popover-open")) return;
    var pair = numbered.find((pair) => pair.note.parentNode !== home &&
      (pair.number === event.target || pair.note.contains(event.target)));
    if (!pair) return;
    pair.number.focus();
    move(pair, home);
  });

  function align() {
    notes.forEach((note) => { note.style.marginBlockStart = ""; });
    if (!beside.matches) return;
    var places = pairs.map((pair) => ({
      at: pair.words ? pair.words.getClientRects()[0].top : 0,
      top: pair.note.getBoundingClientRect().top,
      gap: parseFloat(getComputedStyle(pair.note).marginBlockStart) || 0
    }));
    var pushed = 0;
    places.forEach((place, i) => {
      var more = place.at - place.top - pushed;
      if (more <= 0) return;
      pushed += more;
      notes[i].style.marginBlockStart = place.gap + more + "px";
    });
  }

  pairs.forEach((pair) => {
    if (!pair.words) return;
    [pair.words, pair.note].forEach((element) => {
      ["mouseenter", "mouseleave"].forEach((event) => {
        element.addEventListener(event, () => {
          pair.words.classList.toggle("lit", event === "mouseenter");
          pair.note.classList.toggle("lit", event === "mouseenter");
        });
      });
    });
  });

  offer();
  align();
  home.classList.add("set");
  beside.addEventListener("change", () => { offer(); align(); });
  addEventListener("resize", align);
  addEventListener("load", align);
  addEventListener("beforeprint", () => {
    offer();
    notes.forEach((note) => { note.style.marginBlockStart = ""; });
  });
  addEventListener("afterprint", align);
})();

/* The legend of a text: each kind of mark can be taken off or put on. Names have none until they are asked for. */
(function () {
  var body = document.querySelector(".marks + .body");
  if (!body) return;
  each(".marks > li", (item) => {
    var button = make("button"), sample = item.firstElementChild, kind = sample.className;
    var on = kind !== "m";
    function show() {
      button.setAttribute("aria-pressed", on);
      body.parentElement.classList.toggle((kind === "m" ? "with-" : "without-") + kind, on === (kind === "m"));
    }
    button.type = "button";
    button.append(sample);
    item.append(button);
    button.addEventListener("click", () => { on = !on; show(); dispatchEvent(new Event("resize")); });
    show();
  });
})();

/* What pictures and lists can do beside being read: time is stretched, the map brought closer, rows are chosen. All that
   is shown is there without it; nothing moves unless it is asked to. */
(function () {
  var WORDS = "words:tools_script";

  /* The page keeps room for what is put in here, so that nothing moves when it is. */
  function tools(before, label) {
    var bar = before.previousElementSibling;
    if (!bar || !bar.classList.contains("tools")) return null;
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", label);
    return bar;
  }

  function button(text, act, bar) {
    var made = make("button", text, bar);
    made.type = "button";
    made.addEventListener("click", act);
  }

  function clamp(value, low, high) { return Math.min(Math.max(value, low), high); }

  /* Time: the drawing inside each strip is moved and stretched; shares of its width do the rest. */
  each(".time", (figure) => {
    var table = figure.querySelector("table");
    var start = 0, length = 100, bar = tools(table, table.caption ? table.caption.textContent : "");
    if (!bar) return;
    each("td > svg", (strip) => {
      var inner = document.createElementNS(strip.namespaceURI, "svg");
      while (strip.firstChild) inner.appendChild(strip.firstChild);
      strip.appendChild(inner);
    }, figure);
    function show(from, size) {
      length = clamp(size, 2, 100);
      start = clamp(from, 0, 100 - length);
      each("td > svg > svg, .axis > svg", (inner) => {
        inner.setAttribute("x", -start * 100 / length + "%");
        inner.setAttribute("width", 10000 / length + "%");
      }, figure);
    }
    button(WORDS.closer, () => { show(start + length / 4, length / 2); }, bar);
    button(WORDS.wider, () => { show(start - length / 2, length * 2); }, bar);
    button(WORDS.back, () => { show(start - length / 2, length); }, bar);
    button(WORDS.later, () => { show(start + length / 2, length); }, bar);
    button(WORDS.whole, () => { show(0, 100); }, bar);
    textual(table);
  });

  /* The map: its window is made smaller and moved; letters, dots and lines keep their size. */
  each(".zooms > .map", (map) => {
    var full = map.getAttribute("viewBox").split(" ").map(Number), now = full.slice();
    function show(x, y, share) {
      share = clamp(share, 1 / 16, 1);
      now = [clamp(x, 0, full[2] * (1 - share)), clamp(y, 0, full[3] * (1 - share)), full[2] * share, full[3] * share];
      map.setAttribute("viewBox", now.join(" "));
      map.style.fontSize = "";
      map.style.fontSize = parseFloat(getComputedStyle(map).fontSize) * share + "px";
    }
    function zoom(by) {
      var share = clamp(now[2] / full[2] * by, 1 / 16, 1);
      show(now[0] + (now[2] - full[2] * share) / 2, now[1] + (now[3] - full[3] * share) / 2, share);
    }
    function move(x, y) { show(now[0] + x * now[2] / 4, now[1] + y * now[3] / 4, now[2] / full[2]); }
    var bar = tools(map, map.querySelector("title").textContent);
    if (!bar) return;
    button(WORDS.closer, () => { zoom(0.5); }, bar);
    button(WORDS.wider, () => { zoom(2); }, bar);
    [["left", -1, 0], ["right", 1, 0], ["up", 0, -1], ["down", 0, 1]].forEach(([name, x, y]) => {
      button(WORDS[name], () => { move(x, y); }, bar);
    });
    button(WORDS.whole, () => { show(0, 0, 1); }, bar);
  });

  /* The table of squares: whose row and whose column is pointed at. */
  each(".matrix", (matrix) => {
    var room = matrix.querySelector(".room");
    var names = matrix.querySelectorAll("text:not(.aside)"), numbers = matrix.querySelectorAll("text.aside");
    var side = parseFloat(room.getAttribute("width")) / names.length, lit = [];
    function light(row, column) {
      lit.forEach((text) => { text.classList.remove("lit"); });
      lit = [names[row], names[column], numbers[2 * row], numbers[2 * column + 1]].filter(Boolean);
      lit.forEach((text) => { text.classList.add("lit"); });
    }
    matrix.addEventListener("pointermove", (event) => {
      var box = room.getBoundingClientRect(), cell = box.width / names.length;
      var row = Math.floor((event.clientY - box.top) / cell), column = Math.floor((event.clientX - box.left) / cell);
      light(row, column >= 0 ? column : row);
    });
    matrix.addEventListener("pointerleave", () => { light(-1, -1); });
    matrix.addEventListener("focusin", (event) => {
      var at = [...names].indexOf(event.target.querySelector("text"));
      light(at, at);
    });
  });

  /* Lists: only the rows that are asked for; `of` says what a row can be chosen by, and `more` fetches further rows. */
  function chooser(list, parts, before, label, more) {
    var bar = tools(before, label), told, controls = [], fills = [], some = document.querySelector(".pager");
    if (!bar) return;
    function choose() {
      var count = 0, rows = [...list.children];
      rows.forEach((row) => {
        row.hidden = !controls.every((control) => control(row));
        if (!row.hidden) count += 1;
      });
      told.textContent = (some ? WORDS.here : WORDS.shown).replace("{shown}", count).replace("{all}", rows.length);
    }
    parts.forEach((part) => {
      var label = make("label", part.label, bar), field = make(part.of ? "select" : "input", "", label);
      if (part.of) {
        fills.push(() => {
          var chosen = field.value;
          field.textContent = "";
          make("option", WORDS.any, field).value = "";
          part.values().forEach((value) => { make("option", value, field).value = value; });
          field.value = chosen;
        });
      } else {
        field.type = "search";
      }
      controls.push((row) => !field.value || part.keeps(row, field.value));
      field.addEventListener("input", choose);
    });
    function fill() { fills.forEach((one) => { one(); }); }
    fill();
    if (some && more && location.protocol !== "file:") {
      button(WORDS.pages, async (event) => {
        var asked = event.target;
        asked.disabled = true;
        try {
          await more();
          asked.remove();
          some = null;
          fill();
          choose();
        } catch (why) {
          asked.disabled = false;
          told.textContent = WORDS.failed;
        }
      }, bar);
    }
    told = make("span", "", bar);
    told.setAttribute("role", "status");
  }

  function words(row, selector) {
    var found = row.querySelector(selector);
    return found ? found.textContent.trim() : "";
  }

  function heading(list) {
    while (list && !/^H/.test(list.tagName)) list = list.previousElementSibling;
    return list ? list.textContent : "";
  }

  /* The rows that a list has on the pages before and after this one, all of them or none. */
  async function others(list) {
    var found = { prev: [], next: [] };
    for (var way in found) {
      for (var page = document, at = location.href, link; (link = page.querySelector(`.pager [rel=${way}]`));) {
        at = new URL(link.getAttribute("href"), at).href;
        var got = await fetch(at);
        if (!got.ok) throw got;
        page = new DOMParser().parseFromString(await got.text(), "text/html");
        var rows = [...page.querySelectorAll(LISTS)].filter((one) => heading(one) === heading(list))
          .flatMap((one) => [...one.children]);
        rows.forEach((row) => each("[href]", (one) => {
          one.setAttribute("href", new URL(one.getAttribute("href"), at).href);
        }, row));
        found[way] = way === "prev" ? rows.concat(found.prev) : found.next.concat(rows);
      }
    }
    list.prepend(...found.prev);
    list.append(...found.next);
  }

  var LISTS = "ol.rows.dated";
  each(LISTS, (list) => {
    function stance(row) { return words(row, ".about .s"); }
    function source(row) { return words(row, ".via a:last-of-type") || words(row, ".head .meta"); }
    function month(row) { return row.querySelector(".date").textContent.slice(0, 7); }
    var parts = [["stance", stance], ["source", source], ["since", month]].map(([name, of]) => ({
      label: WORDS[name],
      of,
      values: () => [...new Set([...list.children].map(of).filter(Boolean))].sort(),
      keeps: (row, value) => of === month ? of(row) >= value : of(row) === value
    })).filter((part) => part.values().length > 1);
    if (parts.length) chooser(list, parts, list, heading(list), () => others(list));
  });

  function textual(table) {
    chooser(table.tBodies[0], [{
      label: WORDS.filter,
      keeps: (row, value) => row.textContent.toLowerCase().indexOf(value.toLowerCase()) >= 0
    }], table, table.caption ? table.caption.textContent : "");
  }

  each(".places", textual);
})();
})();
