// Entries of a conversation as elements. What they say comes as text and is never read as markup.

import { clock, day } from "./times.js";

const WIDE = matchMedia("(min-width: 69.01em)");
const LEVELS = ["imminent", "crisis", "concern", "none"];

/** `resend` is called with the entry of a text that got no answer. */
export function paint(log, entries, resend) {
  log.querySelectorAll(".text, .day").forEach((element) => element.remove());
  log.querySelector(".empty").hidden = entries.length > 0;
  entries.forEach((entry, index) => {
    const before = entries[index - 1];
    if (!before || day(before.at) !== day(entry.at)) log.append(divider(entry.at));
    log.append(text(entry, resend));
  });
  log.scrollTop = log.scrollHeight;
}

/** Replaces the entry's element, or adds it at the end. */
export function show(log, entry, resend) {
  const element = text(entry, resend);
  const shown = log.querySelector(`[data-sid="${entry.sid}"]`);
  if (shown) {
    shown.replaceWith(element);
    return;
  }
  log.querySelector(".empty").hidden = true;
  if ([...log.querySelectorAll(".day")].at(-1)?.textContent !== day(entry.at)) log.append(divider(entry.at));
  element.classList.add("new");
  const reading = log.scrollHeight - log.scrollTop - log.clientHeight > 120;
  log.append(element);
  if (!reading || entry.mine) log.scrollTop = log.scrollHeight;
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function divider(at) {
  return make("div", "day", make("p", "", day(at)));
}

function text(entry, resend) {
  const element = make("article", "text", said(entry, resend));
  element.dataset.sid = entry.sid;
  element.classList.toggle("mine", Boolean(entry.mine));
  element.classList.toggle("follow-up", Boolean(entry.followUp));
  element.classList.toggle("silence", Boolean(entry.silence));
  element.classList.toggle("failed", entry.state === "failed");
  if (entry.why) element.append(why(entry));
  if (entry.followUp) element.append(unasked(entry));
  return element;
}

function said(entry, resend) {
  const element = make("div", "said", bubble(entry), mark(entry));
  if (entry.state === "failed") {
    const button = make("button", "resend", "Send again");
    button.type = "button";
    button.addEventListener("click", () => resend(entry));
    element.append(button);
  }
  return element;
}

function bubble(entry) {
  const words = entry.silence ? "No answer: the line stayed silent." : entry.text;
  const element = make("div", "bubble", make("span", "unseen", speaker(entry)));
  if (entry.media) element.append(picture());
  if (words) element.append(words);
  return element;
}

function speaker(entry) {
  if (entry.mine) return "You: ";
  return entry.followUp ? "Follow-up from the line: " : "The line: ";
}

function picture() {
  const drawing = document.querySelector("#picture svg").cloneNode(true);
  return make("span", "picture", drawing, make("span", "unseen", "A picture"));
}

function mark(entry) {
  if (entry.state === "sending") return make("p", "mark", "Sending");
  if (entry.state === "failed") return make("p", "mark", `Not answered. ${entry.error}`);
  const time = make("time", "", clock(entry.at));
  time.dateTime = entry.at;
  return make("p", "mark", time);
}

function why(entry) {
  const { level, route, segments } = entry.why;
  const element = make("details", "why", make("summary", "", ...badge(level), make("span", "route", route ?? "no route"), parts(segments)));
  element.open = WIDE.matches;
  const facts = [
    ["Reason", entry.why.reason ?? "The line did not say why."],
    ["Kind", entry.why.kind],
    ["Not verified", entry.why.unverified],
    ["Release", entry.why.release],
  ];
  element.append(list(facts.filter(([, value]) => value)));
  return element;
}

function unasked(entry) {
  const summary = make("p", "why", make("span", "route", "follow-up"), " ", parts(entry.segments));
  summary.append(make("br", ""), "It came without being asked for, when it was due.");
  return summary;
}

function badge(level) {
  return LEVELS.includes(level) ? [make("span", `level ${level}`, level)] : [];
}

function parts(segments) {
  const known = segments === undefined || segments === "" ? "segments unknown" : `${segments} segment${Number(segments) === 1 ? "" : "s"}`;
  return make("span", "parts", known);
}

function list(facts) {
  const element = make("dl", "");
  for (const [name, value] of facts) element.append(make("dt", "", name), make("dd", "", value));
  return element;
}
