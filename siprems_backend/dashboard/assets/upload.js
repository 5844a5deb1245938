/* Files are sent as they are, straight to the API, so that size is no matter; the bar is that of the network. */
(function () {
  "use strict";

  function address(box) {
    var choice = box.dataset.choice && document.querySelector("#" + box.dataset.choice + " input:checked");
    return box.dataset.upload.replace("{choice}", encodeURIComponent(choice ? choice.value : ""));
  }

  function tell(box, text, failed) {
    var state = box.parentElement.querySelector(".upload-state");
    state.textContent = text;
    state.classList.toggle("failed", Boolean(failed));
  }

  function send(box, file) {
    var form = new FormData();
    form.append("file", file);
    var request = new XMLHttpRequest();
    request.open("POST", address(box));
    request.setRequestHeader("X-CSRFToken", window.siprems.cookie("siprems_csrf"));
    box.disabled = true;
    request.upload.onprogress = function (event) {
      if (event.lengthComputable) {
        box.style.setProperty("--sent", (100 * event.loaded / event.total).toFixed(1) + "%");
        tell(box, box.dataset.sending + " " + Math.floor(100 * event.loaded / event.total) + " %");
      }
    };
    request.onloadend = function () {
      box.disabled = false;
      box.style.removeProperty("--sent");
      var answer = {};
      try { answer = JSON.parse(request.responseText); } catch (unreadable) { answer = {}; }
      if (request.status === 202 && answer.task_id) {
        tell(box, "");
        window.dash_clientside.set_props(box.dataset.follow + "-task", { data: answer.task_id });
      } else if (request.status === 201) {
        /* A small file is ready at once. */
        tell(box, "");
        window.dash_clientside.set_props(box.dataset.follow + "-done", { data: { task_id: null, status: "SUCCESS", at: Date.now() } });
      } else {
        tell(box, answer.message || box.dataset.failed, true);
      }
    };
    request.send(form);
  }

  /* The token may end while somebody looks for a file; a small question renews it before the large answer. */
  function prepare(box, file) {
    window.fetch("/api/v1/auth/profile").then(function () { send(box, file); }, function () { tell(box, box.dataset.failed, true); });
  }

  document.addEventListener("click", function (event) {
    var box = event.target.closest("[data-upload]");
    if (!box) { return; }
    var input = document.createElement("input");
    input.type = "file";
    input.accept = box.dataset.accept;
    input.onchange = function () { if (input.files.length) { prepare(box, input.files[0]); } };
    input.click();
  });

  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var box = event.target.closest && event.target.closest("[data-upload]");
      if (!box) { return; }
      event.preventDefault();
      box.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) { prepare(box, event.dataTransfer.files[0]); }
    });
  });
})();
