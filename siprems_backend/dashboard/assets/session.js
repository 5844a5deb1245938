/* The session as the scripts see it: it is renewed before it ends, and who has none is led to the sign-in.
   Every request of ours goes through here, so that the rest of the page need not know. */
(function () {
  "use strict";
  var RENEW_AT = ["/app/_dash-", "/api/v1/"];
  var plain = window.fetch.bind(window);
  var renewal = null;

  function cookie(name) {
    var found = document.cookie.split("; ").find(function (part) { return part.startsWith(name + "="); });
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  function renew() {
    renewal = renewal || plain("/app/session/refresh", { method: "POST", headers: { "X-CSRFToken": cookie("siprems_csrf") } })
      .then(function (answer) {
        // 409: another tab is renewing; its cookies are ours in a moment.
        if (answer.status === 409) { return new Promise(function (done) { setTimeout(done, 500, true); }); }
        return answer.ok;
      })
      .finally(function () { renewal = null; });
    return renewal;
  }

  function leave() {
    location.assign("/app/sign-in?next=" + encodeURIComponent(location.pathname + location.search));
  }

  function prepared(options) {
    var headers = new Headers(options.headers || {});
    headers.set("X-CSRFToken", cookie("siprems_csrf"));
    headers.set("X-Page-Path", location.pathname + location.search);
    return Object.assign({}, options, { headers: headers, credentials: "same-origin" });
  }

  async function request(target, options) {
    var address = new URL(target instanceof Request ? target.url : target, location.href);
    var ours = address.origin === location.origin && RENEW_AT.some(function (start) { return address.pathname.startsWith(start); });
    if (!ours || target instanceof Request) { return plain(target, options); }
    var answer = await plain(target, prepared(options || {}));
    if (answer.status !== 401) { return answer; }
    if (await renew()) { answer = await plain(target, prepared(options || {})); }
    if (answer.status === 401) { leave(); return new Promise(function () {}); }
    return answer;
  }

  /* A call of the API with JSON: {ok, message, ...answer}. */
  async function send(method, address, body) {
    var answer = await request(address, { method: method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    var told = await answer.json().catch(function () { return {}; });
    return Object.assign({}, told, { ok: answer.ok });
  }

  function tell(message, well) {
    window.dash_clientside.set_props("notifications", {
      sendNotifications: [{ action: "show", message: message, color: well ? "teal" : "red", autoClose: 8000 }],
    });
  }

  window.fetch = request;
  window.siprems = { fetch: request, cookie: cookie, send: send, tell: tell };
})();
