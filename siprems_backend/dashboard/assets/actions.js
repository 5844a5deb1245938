/* Presses of buttons that carry what they do as data, told to the store of that action. */
document.addEventListener("click", function (event) {
  "use strict";
  var button = event.target.closest("[data-action]");
  if (!button || button.disabled) { return; }
  if (button.dataset.confirm && !window.confirm(button.dataset.confirm)) { return; }
  window.dash_clientside.set_props("do-" + button.dataset.action, { data: { value: button.dataset.value, at: Date.now() } });
});
