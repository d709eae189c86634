// Start page: sends a recording, lists recordings and their states. Needs nothing from elsewhere.
"use strict";

const API = "/api/v1";
const OVERLAY = "overlay.mp4";
const BUSY_MS = 2000;
const IDLE_MS = 10000;
const texts = JSON.parse(document.getElementById("texts").textContent);
const table = document.getElementById("recordings");
const message = document.getElementById("message");
const progress = document.getElementById("progress");
const more = document.getElementById("more");
let limit = 20;
let timer = 0;

const text = (key, values = {}) =>
  texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

function element(tag, content, attributes = {}) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...[content].flat());
  return made;
}

function person(subject) {
  const parts = [];
  if (subject.sex !== null) parts.push(text("sex." + subject.sex));
  if (subject.age !== null) parts.push(text("page.years", { age: subject.age }));
  if (subject.height_m !== null) parts.push(subject.height_m.toFixed(2) + "\u00a0m");
  if (subject.condition !== null) parts.push(text("condition." + subject.condition));
  return parts.join(text("mark.list")) || "–";
}

function results(recording) {
  const done = recording.diagnoses.filter((run) => run.state === "done");
  const cell = element("td", [], { className: "results" });
  const newest = done.at(-1);
  if (newest) {
    cell.append(element("a", text("page.report"), { href: newest.report }));
    if (newest.files.includes(OVERLAY)) {
      const href = `${API}/diagnoses/${newest.id}/files/${OVERLAY}`;
      cell.append(" · ", element("a", text("page.overlay"), { href }));
    }
    if (done.length > 1) cell.append(" ", element("span", text("page.earlier", { count: done.length - 1 }), { className: "quiet" }));
  }
  if (recording.state === "done" || recording.state === "failed") {
    const again = element("button", text("page.again"), { className: "plain", type: "button" });
    again.onclick = () => fetch(`${API}/recordings/${recording.id}/diagnoses`, { method: "POST" }).then(refresh);
    cell.append(again);
  }
  return cell;
}

function row(recording) {
  const state = element("td", element("span", text("state." + recording.state), { className: "state " + recording.state }));
  const newest = recording.diagnoses.at(-1);
  if (newest.grade) state.append(" ", element("span", text("grade." + newest.grade), { className: "grade " + newest.grade }));
  if (newest.detail) state.append(element("div", newest.detail, { className: "quiet" }));
  return element("tr", [
    element("td", new Date(recording.created_at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" })),
    element("td", element("a", recording.file_name, { href: `/recordings/${recording.id}` })),
    element("td", person(recording.subject)),
    state,
    results(recording),
  ]);
}

function nothing() {
  return element("tr", element("td", text("page.empty"), { colSpan: 5, className: "quiet" }));
}

async function refresh() {
  clearTimeout(timer);
  let wait = IDLE_MS;
  try {
    const [page, health] = await Promise.all([
      fetch(`${API}/recordings?limit=${limit}`).then((answer) => answer.json()),
      fetch("/health").then((answer) => answer.json()),
    ]);
    table.replaceChildren(...(page.items.length ? page.items.map(row) : [nothing()]));
    more.hidden = page.next === null || limit >= 100;
    showHealth(health.reasons.join(" "));
    if (page.items.some((item) => item.state === "queued" || item.state === "running")) wait = BUSY_MS;
  } catch (error) {
    showHealth(text("page.offline", { time: new Date().toLocaleTimeString(document.documentElement.lang) }));
  }
  timer = setTimeout(refresh, wait);
}

function showHealth(words) {
  const place = document.getElementById("health");
  place.textContent = words;
  place.hidden = !words;
}

function send(event) {
  event.preventDefault();
  const form = event.target;
  const request = new XMLHttpRequest();
  const button = form.querySelector("button");
  const end = (words, failed) => {
    message.textContent = words;
    message.className = failed ? "failed" : "";
    progress.hidden = true;
    button.disabled = false;
    refresh();
  };
  request.upload.onprogress = (step) => {
    progress.value = Math.floor((100 * step.loaded) / step.total);
    message.textContent = text("page.sending", { percent: progress.value });
  };
  request.onerror = () => end(text("page.broken"), true);
  request.onload = () => {
    const answer = JSON.parse(request.responseText);
    if (request.status !== 201) return end(answer.detail, true);
    form.reset();
    end(text("page.sent", { file: answer.file_name }), false);
  };
  request.open("POST", `${API}/recordings`);
  button.disabled = true;
  progress.value = 0;
  progress.hidden = false;
  message.className = "";
  request.send(new FormData(form));
}

document.getElementById("upload").addEventListener("submit", send);
more.onclick = () => {
  limit = 100;
  refresh();
};
refresh();
