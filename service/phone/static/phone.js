// Wires the page: who texts, what is said, what comes back.

import * as conversation from "./conversation.js";
import * as history from "./history.js";
import * as line from "./line.js";
import * as people from "./people.js";
import * as planned from "./planned.js";
import { count } from "./segments.js";

const log = document.querySelector("#log");
const composer = document.querySelector("#composer");
const field = document.querySelector("#text");
const counter = document.querySelector("#count");
const link = document.querySelector("#link");
const panel = document.querySelector("#panel");
const panelButton = document.querySelector("#panel-button");
const theme = document.querySelector("#theme");

const HOW_TO_SEND = counter.textContent;
const LEFT_OPEN = "The page was closed before the answer came.";
const THEMES = ["system", "light", "dark"];

let stopListening = () => {};

function keep(number, entry) {
  history.remember(number, entry);
  if (number === people.current().number) conversation.show(log, entry, resend);
}

async function deliver(person, entry) {
  keep(person.number, { ...entry, state: "sending" });
  try {
    const { answers, why } = await line.send(person, entry);
    keep(person.number, { ...entry, state: "sent" });
    if (answers.length) answers.forEach((answer, index) => keep(person.number, { ...answer, why: index ? undefined : why }));
    else keep(person.number, { sid: `${entry.sid}-silence`, silence: true, at: new Date().toISOString(), why });
  } catch (error) {
    keep(person.number, { ...entry, state: "failed", error: error.message });
  }
  planned.refresh(people.current().number);
}

function resend(entry) {
  field.focus();
  deliver(people.current(), entry);
}

function send(text, media) {
  planned.quiet();
  deliver(people.current(), { sid: line.newSid(media), mine: true, text, media, at: new Date().toISOString() });
}

function takeUp() {
  const { number } = people.current();
  log.setAttribute("aria-live", "off"); // what was said before is not news
  const abandoned = history.entries(number).filter((entry) => entry.state === "sending");
  abandoned.forEach((entry) => history.remember(number, { ...entry, state: "failed", error: LEFT_OPEN }));
  conversation.paint(log, history.entries(number), resend);
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
  stopListening();
  stopListening = line.listen(number, history.bookmark(number), {
    live: showLink,
    arrived: (followUp, bookmark) => {
      history.setBookmark(number, bookmark);
      keep(number, { ...followUp, followUp: true });
      planned.quiet();
      planned.refresh(number);
    },
  });
  planned.quiet();
  planned.refresh(number);
}

function showLink(live) {
  const words = live ? "The line is on" : "The line cannot be reached, trying again";
  if (link.textContent !== words) link.textContent = words;
  link.classList.toggle("live", live);
}

function write(words) {
  field.value = words;
  measure();
  field.focus();
}

function measure() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
  const { encoding, units, segments } = count(field.value);
  const many = `${segments} segment${segments === 1 ? "" : "s"}`;
  counter.textContent = field.value ? `${units} of 1600 characters in ${encoding}, ${many}` : HOW_TO_SEND;
}

function dress(name) {
  history.set("theme", name);
  document.documentElement.dataset.theme = name;
  theme.textContent = `Theme: ${name}`;
}

function openPanel(open) {
  panel.classList.toggle("open", open);
  panelButton.setAttribute("aria-expanded", String(open));
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  if (field.value.trim()) send(field.value, 0);
  else counter.textContent = "Write something first, or send a picture.";
  if (field.value.trim()) write("");
});

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});

field.addEventListener("input", measure);

document.querySelector("#picture").addEventListener("click", () => send("", 1));

document.querySelectorAll(".sample").forEach((sample) =>
  sample.addEventListener("click", () => {
    openPanel(false);
    write(sample.textContent);
  }),
);

document.querySelector("#clear").addEventListener("click", () => {
  history.clear(people.current().number);
  takeUp();
  field.focus();
});

theme.addEventListener("click", () => dress(THEMES[(THEMES.indexOf(history.setting("theme")) + 1) % THEMES.length]));

panelButton.addEventListener("click", () => openPanel(!panel.classList.contains("open")));

document.addEventListener("visibilitychange", () => document.hidden || planned.refresh(people.current().number));
setInterval(() => document.hidden || planned.refresh(people.current().number), 15000);

dress(history.setting("theme") ?? "system");
people.start(takeUp);
planned.start(() => people.current().number);
takeUp();
field.focus();
