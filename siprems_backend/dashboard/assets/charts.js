/* What charts ask for: short dates and numbers, and what stands beside the pointer. */
(function () {
  "use strict";
  var functions = (window.dashMantineFunctions = window.dashMantineFunctions || {});
  var element = function () { return window.React.createElement.apply(null, arguments); };
  var language = function () { return document.documentElement.lang || "en"; };

  function date(text, options) {
    var found = new Date(text + "T00:00:00Z");
    if (isNaN(found)) { return String(text); }
    return found.toLocaleDateString(language() === "en" ? "en-GB" : language(), Object.assign({ timeZone: "UTC" }, options));
  }

  function number(value) {
    if (value === null || value === undefined) { return "–"; }
    var digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 1 : 2;
    return Number(value).toLocaleString(language(), { maximumFractionDigits: digits });
  }

  functions.shortDate = function (text) { return date(text, { day: "numeric", month: "short" }); };
  functions.shortNumber = function (value) {
    return Number(value).toLocaleString(language(), { notation: Math.abs(value) >= 10000 ? "compact" : "standard", maximumFractionDigits: 1 });
  };

  functions.dateTooltip = function (props, options) {
    if (!props.active || !props.payload || !props.payload.length) { return null; }
    var row = props.payload[0].payload;
    var names = (options && options.names) || {};
    var lines = Object.keys(names).filter(function (key) { return row[key] !== null && row[key] !== undefined; });
    return element("div", { className: "chart-tooltip" },
      element("strong", null, date(props.label, { weekday: "short", day: "numeric", month: "short", year: "numeric" })),
      (row.notes || []).map(function (note, place) { return element("em", { key: "note" + place }, note); }),
      lines.map(function (key) {
        var value = row[key];
        var words = Array.isArray(value) ? number(value[0]) + " – " + number(value[1]) : number(value);
        return element("div", { key: key }, element("span", null, names[key]), element("b", null, words));
      }));
  };
})();
