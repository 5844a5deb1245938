/* Lists that are watched are made anew several times a second. Whoever presses or has reached something in
   them must not lose it: what stands for the same takes its place. */
(function () {
  "use strict";
  var PRESSABLE = "a[href], button, [data-action]";
  var pressed = null;
  var focused = null;

  function mark(element) {
    return [element.tagName, element.getAttribute("href"), element.dataset.action, element.dataset.value,
      element.getAttribute("aria-label"), element.textContent].join("\n");
  }

  function isPlain(event) {
    return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  }

  document.addEventListener("pointerdown", function (event) {
    // Who presses somewhere else has left what had the focus.
    focused = null;
    pressed = isPlain(event) ? event.target.closest(PRESSABLE) : null;
  }, true);

  /* Browsers send no click where what was pressed is gone when the button is let go. */
  document.addEventListener("pointerup", function (event) {
    var before = pressed;
    pressed = null;
    if (!before || before.isConnected) { return; }
    var there = document.elementFromPoint(event.clientX, event.clientY);
    var now = there && there.closest(PRESSABLE);
    if (now && mark(now) === mark(before)) { now.click(); }
  }, true);

  document.addEventListener("focusin", function (event) { focused = event.target.closest(PRESSABLE); });

  new MutationObserver(function () {
    if (!focused || focused.isConnected || document.activeElement !== document.body) { return; }
    var wanted = mark(focused);
    focused = Array.from(document.querySelectorAll("#content " + focused.tagName)).find(function (each) {
      return mark(each) === wanted;
    });
    if (focused) { focused.focus({ preventScroll: true }); }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
