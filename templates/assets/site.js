/* The apparatus of an article: in a wide window each note stands beside the words it is about, and pointing at one lights
   the other. Without this script the notes are a numbered column, and the numbers lead both ways. */
(function () {
  "use strict";
  var notes = Array.prototype.slice.call(document.querySelectorAll(".note"));
  if (!notes.length) return;
  var beside = matchMedia("(min-width: 1100px)");
  var pairs = notes.map(function (note) {
    var words = document.getElementById(note.querySelector(".num").hash.slice(1));
    return { note: note, words: words && !words.contains(note) && words !== note ? words : null };
  });

  function align() {
    notes.forEach(function (note) { note.style.marginBlockStart = ""; });
    if (!beside.matches) return;
    var places = pairs.map(function (pair) {
      return {
        at: pair.words ? pair.words.getClientRects()[0].top : 0,
        top: pair.note.getBoundingClientRect().top,
        gap: parseFloat(getComputedStyle(pair.note).marginBlockStart) || 0
      };
    });
    var pushed = 0;
    places.forEach(function (place, i) {
      var more = place.at - place.top - pushed;
      if (more <= 0) return;
      pushed += more;
      notes[i].style.marginBlockStart = place.gap + more + "px";
    });
  }

  pairs.forEach(function (pair) {
    if (!pair.words) return;
    [pair.words, pair.note].forEach(function (element) {
      ["mouseenter", "mouseleave"].forEach(function (event) {
        element.addEventListener(event, function () {
          pair.words.classList.toggle("lit", event === "mouseenter");
          pair.note.classList.toggle("lit", event === "mouseenter");
        });
      });
    });
  });

  align();
  addEventListener("resize", align);
  addEventListener("load", align);
  addEventListener("beforeprint", function () { notes.forEach(function (note) { note.style.marginBlockStart = ""; }); });
  addEventListener("afterprint", align);
})();

/* The legend of a text: each kind of mark can be taken off or put on. Names have none until they are asked for. */
(function () {
  "use strict";
  var body = document.querySelector(".marks + .body");
  if (!body) return;
  document.querySelectorAll(".marks > li").forEach(function (item) {
    var button = document.createElement("button"), sample = item.firstElementChild, kind = sample.className;
    var on = kind !== "m";
    function show() {
      button.setAttribute("aria-pressed", on);
      body.parentElement.classList.toggle((kind === "m" ? "with-" : "without-") + kind, on === (kind === "m"));
    }
    button.type = "button";
    button.append(sample);
    item.append(button);
    button.addEventListener("click", function () { on = !on; show(); dispatchEvent(new Event("resize")); });
    show();
  });
})();

/* What pictures and lists can do beside being read: time is stretched, the map brought closer, rows are chosen. All that
   is shown is there without it; nothing moves unless it is asked to. */
(function () {
  "use strict";
  var WORDS = "words:tools_script";

  function make(name, text, parent) {
    var element = document.createElement(name);
    if (text) element.textContent = text;
    if (parent) parent.appendChild(element);
    return element;
  }

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

  function each(selector, act, root) {
    Array.prototype.forEach.call((root || document).querySelectorAll(selector), act);
  }

  function clamp(value, low, high) { return Math.min(Math.max(value, low), high); }

  /* Time: the drawing inside each strip is moved and stretched; shares of its width do the rest. */
  each(".time", function (figure) {
    var table = figure.querySelector("table");
    var start = 0, length = 100, bar = tools(table, table.caption ? table.caption.textContent : "");
    if (!bar) return;
    each("td > svg", function (strip) {
      var inner = document.createElementNS(strip.namespaceURI, "svg");
      while (strip.firstChild) inner.appendChild(strip.firstChild);
      strip.appendChild(inner);
    }, figure);
    function show(from, size) {
      length = clamp(size, 2, 100);
      start = clamp(from, 0, 100 - length);
      each("td > svg > svg, .axis > svg", function (inner) {
        inner.setAttribute("x", -start * 100 / length + "%");
        inner.setAttribute("width", 10000 / length + "%");
      }, figure);
    }
    button(WORDS.closer, function () { show(start + length / 4, length / 2); }, bar);
    button(WORDS.wider, function () { show(start - length / 2, length * 2); }, bar);
    button(WORDS.back, function () { show(start - length / 2, length); }, bar);
    button(WORDS.later, function () { show(start + length / 2, length); }, bar);
    button(WORDS.whole, function () { show(0, 100); }, bar);
    textual(table);
  });

  /* The map: its window is made smaller and moved; letters, dots and lines keep their size. */
  each(".zooms > .map", function (map) {
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
    button(WORDS.closer, function () { zoom(0.5); }, bar);
    button(WORDS.wider, function () { zoom(2); }, bar);
    button(WORDS.left, function () { move(-1, 0); }, bar);
    button(WORDS.right, function () { move(1, 0); }, bar);
    button(WORDS.up, function () { move(0, -1); }, bar);
    button(WORDS.down, function () { move(0, 1); }, bar);
    button(WORDS.whole, function () { show(0, 0, 1); }, bar);
  });

  /* The table of squares: whose row and whose column is pointed at. */
  each(".matrix", function (matrix) {
    var room = matrix.querySelector(".room");
    var names = matrix.querySelectorAll("text:not(.aside)"), numbers = matrix.querySelectorAll("text.aside");
    var side = parseFloat(room.getAttribute("width")) / names.length, lit = [];
    function light(row, column) {
      lit.forEach(function (text) { text.classList.remove("lit"); });
      lit = [names[row], names[column], numbers[2 * row], numbers[2 * column + 1]].filter(Boolean);
      lit.forEach(function (text) { text.classList.add("lit"); });
    }
    matrix.addEventListener("pointermove", function (event) {
      var box = room.getBoundingClientRect(), cell = box.width / names.length;
      var row = Math.floor((event.clientY - box.top) / cell), column = Math.floor((event.clientX - box.left) / cell);
      light(row, column >= 0 ? column : row);
    });
    matrix.addEventListener("pointerleave", function () { light(-1, -1); });
    matrix.addEventListener("focusin", function (event) {
      var at = Array.prototype.indexOf.call(names, event.target.querySelector("text"));
      light(at, at);
    });
  });

  /* Lists: only the rows that are asked for. */
  function chooser(rows, parts, before, label) {
    var bar = tools(before, label), told, controls = [];
    if (!bar) return;
    function choose() {
      var count = 0;
      rows.forEach(function (row) {
        row.hidden = !controls.every(function (control) { return control(row); });
        if (!row.hidden) count += 1;
      });
      told.textContent = WORDS.shown.replace("{shown}", count).replace("{all}", rows.length);
    }
    parts.forEach(function (part) {
      var label = make("label", part.label, bar), field;
      if (part.values) {
        field = make("select", "", label);
        make("option", WORDS.any, field).value = "";
        part.values.forEach(function (value) { make("option", value, field).value = value; });
      } else {
        field = make("input", "", label);
        field.type = "search";
      }
      controls.push(function (row) { return !field.value || part.keeps(row, field.value); });
      field.addEventListener("input", choose);
    });
    told = make("span", "", bar);
    told.setAttribute("role", "status");
  }

  function words(row, selector) {
    var found = row.querySelector(selector);
    return found ? found.textContent.trim() : "";
  }

  function values(rows, of) {
    var found = {};
    rows.forEach(function (row) { if (of(row)) found[of(row)] = true; });
    return Object.keys(found).sort();
  }

  each("ol.rows.dated", function (list) {
    var rows = Array.prototype.slice.call(list.children);
    function stance(row) { return words(row, ".about .s"); }
    function source(row) { return words(row, ".chain").split("\u2192").pop().trim() || words(row, ".head .meta"); }
    function month(row) { return row.querySelector(".date").textContent.slice(0, 7); }
    var parts = [
      { label: WORDS.stance, values: values(rows, stance), keeps: function (row, value) { return stance(row) === value; } },
      { label: WORDS.source, values: values(rows, source), keeps: function (row, value) { return source(row) === value; } },
      { label: WORDS.since, values: values(rows, month), keeps: function (row, value) { return month(row) >= value; } }
    ].filter(function (part) { return part.values.length > 1; });
    var head = list.previousElementSibling;
    if (parts.length) chooser(rows, parts, list, head ? head.textContent : "");
  });

  function textual(table) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    chooser(rows, [{
      label: WORDS.filter,
      keeps: function (row, value) { return row.textContent.toLowerCase().indexOf(value.toLowerCase()) >= 0; }
    }], table, table.caption ? table.caption.textContent : "");
  }

  each(".places", textual);
})();
