/* The pipeline that somebody builds. It is changed here, at once, so that nothing that was typed is lost on the
   way to a press of "Run"; the server draws what it has become. */
(function () {
  "use strict";
  var none = { name: "", nodes: [], selected: null, workflow: null };
  var count = 0;

  function copy(draft) { return JSON.parse(JSON.stringify(draft && draft.nodes ? draft : none)); }
  function newKey() { count += 1; return Date.now().toString(36) + count; }
  function place(draft, key) { return draft.nodes.findIndex(function (node) { return node.key === key; }); }
  function unchanged() { return window.dash_clientside.no_update; }

  function added(draft, type) {
    var node = { key: newKey(), node_type: type, input: {} };
    var after = place(draft, draft.selected);
    draft.nodes.splice(after < 0 ? draft.nodes.length : after + 1, 0, node);
    draft.selected = node.key;
    return draft;
  }

  function moved(draft, key, by) {
    var from = place(draft, key);
    var to = from + by;
    if (from < 0 || to < 0 || to >= draft.nodes.length) { return draft; }
    draft.nodes.splice(to, 0, draft.nodes.splice(from, 1)[0]);
    return draft;
  }

  var actions = {
    add: added,
    choose: function (draft, key) { draft.selected = key; return draft; },
    up: function (draft, key) { return moved(draft, key, -1); },
    down: function (draft, key) { return moved(draft, key, 1); },
    clear: function () { return copy(none); },
    remove: function (draft, key) {
      var at = place(draft, key);
      draft.nodes = draft.nodes.filter(function (node) { return node.key !== key; });
      if (draft.selected === key) {
        var next = draft.nodes[Math.min(at, draft.nodes.length - 1)];
        draft.selected = next ? next.key : null;
      }
      return draft;
    },
  };

  /* On a phone the form stands below the list: whoever chose a step wants to see it. */
  function showForm() {
    if (window.innerWidth >= 992) { return; }
    setTimeout(function () {
      var form = document.getElementById("build-form");
      if (form) { form.scrollIntoView({ behavior: "smooth", block: "start" }); }
    }, 350);
  }

  /* Whether the pipeline has changed by what stands in a field. */
  function taken(node, field) {
    var value = window.sipremsForms.readField(field);
    var before = node.input[field.id.name];
    if (JSON.stringify(value) === JSON.stringify(before)) { return false; }
    if (value === undefined) { delete node.input[field.id.name]; } else { node.input[field.id.name] = value; }
    return true;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.siprems = Object.assign(window.dash_clientside.siprems || {}, {
    /* Whoever started a run wants to see it, also after loading the page again. */
    show_run: function (task) {
      if (!task) { return unchanged(); }
      window.sipremsForms.remember("task", task);
      setTimeout(function () {
        var run = document.getElementById("run") || document.getElementById("training-run");
        if (run) { run.scrollIntoView({ behavior: "smooth", block: "start" }); }
      }, 600);
      return unchanged();
    },

    show_pipeline: function (press) {
      return press && press.value.indexOf("add:") === 0 ? "build" : unchanged();
    },

    /* Losses as they come; when it is over, all of them. */
    loss_points: function (progress, kept) {
      if (!progress) { return [unchanged(), []]; }
      var points = kept && kept.task === progress.task ? kept.points.slice() : [];
      if (progress.whole) {
        points = progress.whole.epoch.map(function (epoch, at) {
          return { epoch: epoch, loss: progress.whole.loss[at], validation_loss: progress.whole.validation_loss[at] };
        });
      } else if (progress.epoch && (!points.length || points[points.length - 1].epoch < progress.epoch)) {
        points.push({ epoch: progress.epoch, loss: progress.loss, validation_loss: progress.validation_loss });
      }
      return [{ task: progress.task, points: points }, points];
    },

    pipeline_opened: function (opened) {
      if (!opened) { return unchanged(); }
      window.sipremsForms.remember("workflow", null);
      window.sipremsForms.remember("version", null);
      window.sipremsForms.remember("dataset", null);
      return opened;
    },

    pipeline_press: function (press, draft) {
      if (!press) { return unchanged(); }
      var parts = press.value.split(":");
      if (parts[0] === "choose") { showForm(); }
      return actions[parts[0]](copy(draft), parts[1]);
    },

    pipeline_add: function (type, draft) {
      if (!type) { return [unchanged(), unchanged()]; }
      showForm();
      return [added(copy(draft), type), null];
    },

    pipeline_named: function (name, draft) {
      var changed = copy(draft);
      if (name === undefined || name === null || changed.name === name) { return unchanged(); }
      changed.name = name;
      return changed;
    },

    /* Only the field that was changed: others may be those of a form that was drawn earlier. */
    pipeline_field: function () {
      var draft = copy(arguments[arguments.length - 1]);
      var context = window.dash_clientside.callback_context;
      var ids = context.triggered.map(function (each) { return each.prop_id.slice(0, each.prop_id.lastIndexOf(".")); });
      var changed = false;
      context.inputs_list.slice(0, 2).forEach(function (group) {
        group.forEach(function (field) {
          var wanted = ids.some(function (text) {
            try { var id = JSON.parse(text); return id.key === field.id.key && id.name === field.id.name; } catch (other) { return false; }
          });
          var node = draft.nodes[place(draft, field.id.key)];
          /* Switches have `checked`, all others `value`: each field stands in both groups. */
          var own = field.property === (field.id.kind === "flag" ? "checked" : "value");
          if (own && wanted && node) { changed = taken(node, field) || changed; }
        });
      });
      return changed ? draft : unchanged();
    },
  });
})();
