/* Mantine says some things where readers of screens do not look for them:
   that a menu opens, on a box around the button; that a tab controls a panel, of panels that we do not use. */
(function () {
  "use strict";

  function mend() {
    document.querySelectorAll("div[aria-haspopup]").forEach(function (box) {
      var button = box.querySelector("button");
      ["aria-haspopup", "aria-expanded", "aria-controls"].forEach(function (name) {
        var value = box.getAttribute(name);
        if (value === null) { return; }
        box.removeAttribute(name);
        if (button) { button.setAttribute(name, value); }
      });
    });
    document.querySelectorAll("[data-panel] [role=tab]").forEach(function (tab) {
      var panel = tab.closest("[data-panel]").dataset.panel;
      if (tab.getAttribute("aria-controls") !== panel) { tab.setAttribute("aria-controls", panel); }
    });
  }

  new MutationObserver(mend).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["aria-haspopup", "aria-expanded", "aria-controls"],
  });
})();
