// Every page works without this file; it only makes pages quicker and kinder.
import htmx from "htmx.org";

window.htmx = htmx;

// Answers that are pages of their own (errors, a sign-in after the session ended) are not
// swapped into fragments (see the htmx-config meta tag); the page says so instead.
function showTrouble() {
  const notice = document.getElementById("request-trouble");
  if (notice) notice.hidden = false;
}
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail?.ctx?.response?.raw?.status !== 422) showTrouble();
});
document.addEventListener("htmx:error", showTrouble);

// Focus moves to what needs an answer, also after a partial update.
function focusSummary(root) {
  root.querySelector?.("[data-error-summary]")?.focus();
}
focusSummary(document);
document.addEventListener("htmx:after:swap", (event) => focusSummary(event.target));

// One press sends one form: a second press while the answer is under way is ignored.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  window.setTimeout(() => delete form.dataset.sent, 5000);
});
// The browser's "back" may show the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// Whoever is alone may look at what was typed.
for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  const labels = [button.textContent, button.dataset.hideLabel];
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = labels[shown ? 0 : 1];
    button.setAttribute("aria-pressed", String(!shown));
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
