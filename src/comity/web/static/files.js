// Improves the page of files: dropping them, and how much was sent. Without it the same form is sent as it is.
"use strict";
(() => {
  const form = document.querySelector("form.drop");
  const input = document.querySelector("#f-files");
  const bar = document.querySelector("progress.sending");
  if (!form || !input || !bar) return;
  const over = (on) => (event) => { event.preventDefault(); form.classList.toggle("over", on); };
  form.addEventListener("dragover", over(true));
  form.addEventListener("dragleave", over(false));
  form.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer && event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    const sending = new XMLHttpRequest();
    bar.hidden = false;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    sending.upload.addEventListener("progress", (sent) => { if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total; });
    sending.addEventListener("load", () => {
      if (sending.status === 200 && sending.responseURL) location.assign(sending.responseURL);
      else location.reload();
    });
    sending.addEventListener("error", () => location.reload());
    sending.open("POST", form.action);
    sending.send(new FormData(form));
  });
})();
