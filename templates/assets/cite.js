/* Numbers that cite show what they stand for, without a way to the end of the page and back. Without this script they
   are links to the references. */
(function () {
  "use strict";
  if (!HTMLElement.prototype.showPopover) return;
  var card = document.createElement("aside");
  card.className = "card";
  card.popover = "auto";
  card.setAttribute("aria-label", "Reference");
  document.querySelector("main").append(card);
  var from = null;
  var waiting = 0;

  function show(link, focus) {
    var reference = document.getElementById(link.hash.slice(1));
    if (!reference) return false;
    from = link;
    var body = reference.cloneNode(true);
    body.removeAttribute("id");
    body.querySelectorAll("[id]").forEach(function (element) { element.removeAttribute("id"); });
    body.querySelectorAll(".back").forEach(function (element) { element.remove(); });
    var holder = document.createElement("div");
    holder.className = reference.className;
    holder.append.apply(holder, Array.prototype.slice.call(body.childNodes));
    var way = document.createElement("a");
    way.className = "way";
    way.href = link.hash;
    way.textContent = "Reference " + link.hash.slice(5);
    card.replaceChildren(holder, way);
    card.showPopover();
    place(link);
    if (focus) way.focus({ preventScroll: true });
    return true;
  }

  function place(link) {
    var at = link.getBoundingClientRect();
    var wide = document.documentElement.clientWidth;
    var left = Math.max(8, Math.min(at.left - 24, wide - card.offsetWidth - 8));
    var below = at.bottom + 6;
    var room = below + card.offsetHeight <= innerHeight || at.top < card.offsetHeight + 6;
    card.style.left = left + scrollX + "px";
    card.style.top = (room ? below : at.top - card.offsetHeight - 6) + scrollY + "px";
  }

  function hide() {
    if (card.matches(":popover-open")) card.hidePopover();
  }

  function later(act) {
    clearTimeout(waiting);
    waiting = setTimeout(act, 250);
  }

  document.querySelectorAll("a.cite").forEach(function (link) {
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      clearTimeout(waiting);
      if (show(link, true)) event.preventDefault();
    });
    link.addEventListener("pointerenter", function (event) {
      if (event.pointerType === "mouse") later(function () { show(link, false); });
    });
    link.addEventListener("pointerleave", function (event) {
      if (event.pointerType === "mouse") later(hide);
    });
  });
  card.addEventListener("pointerenter", function () { clearTimeout(waiting); });
  card.addEventListener("pointerleave", function (event) {
    if (event.pointerType === "mouse" && !card.contains(document.activeElement)) later(hide);
  });
  card.addEventListener("click", function (event) {
    if (event.target.closest("a.way")) hide();
  });
})();
