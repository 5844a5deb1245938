/* What the shell does in the browser. */
(function () {
  "use strict";
  var first = true;
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.siprems = Object.assign(window.dash_clientside.siprems || {}, {
    choose_language: function (clicks, chosen) {
      if (clicks) {
        window.sipremsRemember("siprems_language", chosen.language);
        location.reload();
      }
    },

    choose_theme: function (clicks, chosen) {
      if (!clicks) { return; }
      var theme = chosen.theme;
      window.sipremsRemember("siprems_theme", theme);
      window.sipremsPaint(theme);
      var dark = document.documentElement.getAttribute("data-mantine-color-scheme") === "dark";
      window.dash_clientside.set_props("colours", { forceColorScheme: dark ? "dark" : "light" });
      var icons = { light: "sun", dark: "moon", auto: "device" };
      window.dash_clientside.set_props("theme-icon", { className: "icon icon-" + icons[theme] });
    },

    set_language: function (language) {
      if (language && language !== document.documentElement.lang) {
        window.dash_clientside.siprems.choose_language(1, { language: language });
      }
    },

    set_theme: function (theme) {
      if (theme && theme !== document.documentElement.dataset.theme) {
        window.dash_clientside.siprems.choose_theme(1, { theme: theme });
      }
    },

    change_password: function (clicks, current, chosen, keep, done) {
      if (!clicks) { return; }
      window.siprems.send("PUT", "/api/v1/auth/password", {
        current_password: current || "", new_password: chosen || "", keep_api_keys: Boolean(keep),
      }).then(function (answer) {
        if (answer.ok) {
          window.dash_clientside.set_props("password-current", { value: "" });
          window.dash_clientside.set_props("password-new", { value: "" });
        }
        window.siprems.tell(answer.ok ? done : answer.message, answer.ok);
      });
    },

    sign_out: function (clicks) {
      if (clicks) {
        var proof = { "X-CSRFToken": window.siprems.cookie("siprems_csrf") };
        fetch("/app/session/end", { method: "POST", headers: proof }).finally(function () { location.assign("/app/sign-in"); });
      }
    },

    /* The menu of a phone: the burger opens it, going somewhere closes it. */
    open_navigation: function (opened, path, navbar) {
      var by = window.dash_clientside.callback_context.triggered_id;
      var open = by === "burger" ? opened : false;
      return [Object.assign({}, navbar, { collapsed: { mobile: !open } }), open];
    },

    /* Another page has arrived: its name in the tab, and the keyboard at its beginning. */
    arrived: function (title) {
      document.title = title ? title + " · SIPREMS" : "SIPREMS";
      if (!first) {
        window.scrollTo(0, 0);
        var content = document.getElementById("content");
        if (content) { content.focus({ preventScroll: true }); }
      }
      first = false;
      return window.dash_clientside.no_update;
    },
  });
})();
