// Page of one recording: a clinician confirms, changes or takes back items of the scales.
"use strict";

const WHO = "footfall.who";

const signature = () => document.getElementById("who");

function tell(words, failed) {
  const place = document.getElementById("message");
  place.textContent = words;
  place.className = failed ? "failed" : "";
}

function localTimes() {
  for (const place of document.querySelectorAll("time")) place.textContent = new Date(place.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

// Shows the page anew without losing what is open and where the reader is.
async function reload() {
  const answer = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const open = new Set([...document.querySelectorAll("details[open]")].map((one) => one.id));
  for (const one of fresh.querySelectorAll("details")) one.open = open.has(one.id);
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
  start();
}

async function send(form, points) {
  const who = signature();
  if (!who.reportValidity()) return;
  localStorage.setItem(WHO, who.value);
  const { scale, item, side, seen } = form.dataset;
  const body = { scale, item, side: side || null, points, who: who.value, seen: Number(seen) };
  form.querySelectorAll("button").forEach((button) => (button.disabled = true));
  let words = "";
  try {
    const run = document.getElementById("scales").dataset.run;
    const answer = await fetch(`/api/v1/diagnoses/${run}/confirmations`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) words = (await answer.json()).detail;
    await reload();
  } catch (error) {
    words = String(error);
    form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  }
  if (words) {
    tell(words, true);
    document.getElementById("message").scrollIntoView({ block: "center" });
  }
}

function start() {
  localTimes();
  const who = signature();
  if (who === null) return;
  who.value = localStorage.getItem(WHO) || "";
  for (const form of document.querySelectorAll("form.confirm")) {
    form.onsubmit = (event) => {
      event.preventDefault();
      send(form, Number(new FormData(form).get("points")));
    };
    const back = form.querySelector("button.back");
    if (back !== null) back.onclick = () => send(form, null);
  }
}

start();
