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
