/* Cells of grids, and asking again when a filter changes. */
(function () {
  "use strict";
  var components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  var element = function () { return window.React.createElement.apply(null, arguments); };

  /* Within the application, as its other links lead. */
  function follow(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) { return; }
    event.preventDefault();
    window.history.pushState({}, "", event.currentTarget.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  components.SipremsLink = function (props) {
    if (!props.data) { return element("span", { className: "cell-waits" }); }
    return element("div", { className: "cell-name" },
      element("a", { href: props.data.href, onClick: follow, className: "cell-link" }, props.value),
      props.data.note ? element("span", { className: "cell-note" }, props.data.note) : null);
  };

  components.SipremsRisk = function (props) {
    if (!props.data) { return null; }
    var width = Math.round((props.data.risk || 0) * 100);
    return element("div", { className: "risk " + props.data.level },
      element("span", { className: "risk-track", "aria-hidden": true }, element("span", { style: { width: width + "%" } })),
      element("span", { className: "risk-text" }, props.data.risk_text));
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.siprems = Object.assign(window.dash_clientside.siprems || {}, {
    search_grid: function () {
      var grid = arguments[arguments.length - 1];
      window.dash_ag_grid.getApiAsync(grid).then(function (api) {
        api.ensureIndexVisible(0);
        api.purgeInfiniteCache();
      });
    },

    /* A phone shows what matters most; the rest is on the page of the row. */
    fit_grid: function (grid, columns) {
      var less = columns.filter(function (each) { return ["name", "cover_days", "risk"].indexOf(each.field) < 0; });
      window.dash_ag_grid.getApiAsync(grid).then(function (api) {
        if (window.innerWidth >= 700) { return; }
        api.setColumnsVisible(less.map(function (each) { return each.field; }), false);
        api.setColumnWidths([{ key: "cover_days", newWidth: 92 }, { key: "risk", newWidth: 88 }]);
      });
    },
  });
})();
