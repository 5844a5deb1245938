/* Values of forms made from a JSON Schema, and what pages remember in their address. */
(function () {
  "use strict";
  window.dash_clientside = window.dash_clientside || {};
  window.sipremsForms = {};
  var nothing = function () { return window.dash_clientside.no_update; };

  function number(text) {
    var found = typeof text === "number" ? text : parseFloat(text);
    return isNaN(found) ? text : found;
  }

  /* What a field stands for; undefined if it was left empty. */
  var readers = {
    integer: function (value) { return value === "" ? undefined : number(value); },
    number: function (value) { return value === "" ? undefined : number(value); },
    text: function (value) { return value === "" ? undefined : value; },
    texts: function (value) { return value.length ? value : undefined; },
    numbers: function (value) { return value.length ? value.map(number) : undefined; },
    day: function (value) { return value === "" ? undefined : value; },
    json: function (value) {
      if (!value.trim()) { return undefined; }
      try { return JSON.parse(value); } catch (unfinished) { return value; }
    },
    any: function (value) {
      if (value === "") { return undefined; }
      if (value === "true" || value === "false") { return value === "true"; }
      return value.trim() !== "" && !isNaN(Number(value)) ? Number(value) : value;
    },
  };

  /* The field as `dash_clientside.callback_context.inputs_list` has it: its name, key, and value. */
  window.sipremsForms.readField = function (field) {
    var value = field.value;
    if (field.id.kind === "flag") { return Boolean(value); }
    return value === null || value === undefined ? undefined : readers[field.id.kind](value);
  };

  /* The address says what is looked at, so that a page that is loaded again shows the same. */
  window.sipremsForms.remember = function (name, value) {
    var address = new URL(location.href);
    if (value) { address.searchParams.set(name, value); } else { address.searchParams.delete(name); }
    if (address.href !== location.href) { history.replaceState(history.state, "", address.href); }
  };

  window.dash_clientside.siprems = Object.assign(window.dash_clientside.siprems || {}, {
    remember_view: function (value) { if (value) { window.sipremsForms.remember("view", value); } return nothing(); },
    remember_type: function (value) { if (value) { window.sipremsForms.remember("type", value); } return nothing(); },

    /* All fields of a form as one object. */
    form_values: function () {
      var values = {};
      window.dash_clientside.callback_context.inputs_list.forEach(function (group) {
        group.forEach(function (field) {
          var value = window.sipremsForms.readField(field);
          if (value !== undefined) { values[field.id.name] = value; }
        });
      });
      return values;
    },
  });
})();
