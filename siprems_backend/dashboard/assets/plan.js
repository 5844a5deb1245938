/* Cells of the plan, and what its page does in the browser. */
(function () {
  "use strict";
  var components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  var functions = (window.dashMantineFunctions = window.dashMantineFunctions || {});
  var element = function () { return window.React.createElement.apply(null, arguments); };
  var PHONE = 700;

  components.SipremsUrgency = function (props) {
    return props.data ? element("div", null, element("span", { className: "urgency " + props.data.urgency }, props.data.urgency_text)) : null;
  };

  /* A phone has no room for the reason in a column of its own. */
  components.SipremsPlanName = function (props) {
    if (!props.data) { return element("span", { className: "cell-waits" }); }
    var phone = window.innerWidth < PHONE;
    var data = phone ? Object.assign({}, props.data, { note: "" }) : props.data;
    var name = components.SipremsLink(Object.assign({}, props, { data: data }));
    return phone ? element("div", null, name, element("span", { className: "cell-reason small" }, props.data.reason)) : name;
  };

  components.SipremsStock = function (props) {
    return props.data ? element("div", { className: "cell-two" }, props.data.stock,
      props.data.coming ? element("span", { className: "cell-note" }, props.data.coming) : null) : null;
  };

  components.SipremsReason = function (props) {
    return props.data ? element("span", { className: "cell-reason", title: props.data.reason }, props.data.reason) : null;
  };

  /* What is typed stands there until the server has made whole packs of it. */
  components.SipremsOrder = function (props) {
    if (!props.data) { return null; }
    var note = props.data.proposal || props.data.order_note;
    return element("div", { className: "cell-two order-cell" + (props.data.proposal ? " mine" : "") },
      element("b", null, props.data.order_text),
      note ? element("span", { className: "cell-note" }, note) : null);
  };

  functions.budget = function (value, options) {
    return value >= options.most ? options.all : Number(value).toLocaleString(document.documentElement.lang);
  };

  (window.dashAgGridFunctions = window.dashAgGridFunctions || {}).sipremsNumber = function (value) {
    return value === null || value === undefined ? "" : Number(value).toLocaleString(document.documentElement.lang);
  };

  /* A grid sets up its columns once more after it is there. */
  function hide(grid, fields, widths) {
    window.dash_ag_grid.getApiAsync(grid).then(function (api) {
      if (window.innerWidth >= PHONE) { return; }
      function fit() { api.setColumnsVisible(fields, false); api.setColumnWidths(widths); }
      fit();
      api.addEventListener("rowDataUpdated", fit);
    });
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.siprems = Object.assign(window.dash_clientside.siprems || {}, {
    put_rows: function (rows, grid) {
      window.dash_ag_grid.getApiAsync(grid).then(function (api) {
        (rows || []).forEach(function (row) {
          var node = api.getRowNode(row.sku);
          if (node) { node.setData(row); }
        });
      });
    },

    show_own_reasons: function (changes, grid) {
      window.dash_ag_grid.getApiAsync(grid).then(function (api) {
        api.setColumnsVisible(["mine"], Object.keys(changes || {}).length > 0 && window.innerWidth >= PHONE);
      });
    },

    fit_plan: function (grid) {
      hide(grid, ["urgency", "stock", "stockout_date", "value", "reason"], [{ key: "recommended", newWidth: 92 }]);
    },

    fit_order: function (grid) {
      hide(grid, ["proposed", "received", "value", "reason"], [{ key: "quantity", newWidth: 88 }, { key: "arriving", newWidth: 112 }]);
    },

    count_chosen: function (rows, identity) {
      var button = document.getElementById(identity);
      var count = (rows || []).length;
      var label = window.dash_clientside.no_update;
      if (button) {
        label = count ? button.dataset.some.replace("#", count) : button.dataset.all;
      }
      return label;
    },
  });
})();
