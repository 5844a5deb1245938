/* What components leave undone for those who do not see: a menu's state belongs to its button, not to the box
   around it; a tab whose content stands elsewhere must not point at a panel that is not there. */
(function () {
  "use strict";
  var STATE = ["aria-expanded", "aria-haspopup", "aria-controls"];

  function mendMenu(box) {
    var button = box.tagName === "DIV" && box.querySelector("button");
    if (!button) { return; }
    STATE.forEach(function (name) {
      if (box.hasAttribute(name)) {
        button.setAttribute(name, box.getAttribute(name));
        box.removeAttribute(name);
      }
    });
  }

  function mendTab(tab) {
    if (!document.getElementById(tab.getAttribute("aria-controls"))) { tab.removeAttribute("aria-controls"); }
  }

  function mend() {
    document.querySelectorAll("div[aria-expanded][id$='-target']").forEach(mendMenu);
    document.querySelectorAll("[role='tab'][aria-controls]").forEach(mendTab);
  }

  document.addEventListener("DOMContentLoaded", function () {
    mend();
    new MutationObserver(mend).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: STATE });
  });
})();
