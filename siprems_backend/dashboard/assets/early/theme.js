/* Before anything is drawn: the colours of the device where none were chosen, and the device's time zone. */
(function () {
  "use strict";
  var root = document.documentElement;
  var YEAR = 31536000;
  window.sipremsRemember = function (name, value) {
    document.cookie = name + "=" + encodeURIComponent(value) + "; path=/app; max-age=" + YEAR + "; samesite=lax";
  };
  window.sipremsPaint = function (theme) {
    var dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = theme;
    root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
    root.setAttribute("data-ag-theme-mode", dark ? "dark" : "light");
  };
  window.sipremsPaint(root.dataset.theme || "auto");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
    window.sipremsPaint(root.dataset.theme);
  });
  try {
    window.sipremsRemember("siprems_zone", Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
  } catch (unsupported) {
    window.sipremsRemember("siprems_zone", "UTC");
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-language]");
    if (link) {
      event.preventDefault();
      window.sipremsRemember("siprems_language", link.dataset.language);
      location.reload();
    }
  });
})();
