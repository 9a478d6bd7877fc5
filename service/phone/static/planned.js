// The follow-ups that wait for their time, and the button that does not.

import * as line from "./line.js";
import { due } from "./times.js";

const list = document.querySelector("#planned");
const nothing = document.querySelector("#nothing-planned");
const button = document.querySelector("#hurry");
const said = document.querySelector("#planned-said");

let asked = 0;

/** Asks what is planned for this number and shows it; of several askings the last one counts. */
export async function refresh(number) {
  const mine = ++asked;
  try {
    const waiting = await line.planned(number);
    if (mine === asked) show(waiting);
  } catch {
    // The head of the phone says that the line is away; what was planned stays planned.
  }
}

function show(waiting) {
  const lines = waiting.map(({ what, due_at: at, zone }) => `${what}, ${due(at, zone)}`);
  if (lines.join("\n") !== [...list.children].map((item) => item.textContent).join("\n")) {
    list.replaceChildren(...lines.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  }
  nothing.hidden = waiting.length > 0;
  if (!waiting.length && document.activeElement === button) document.querySelector("#text").focus();
  button.hidden = waiting.length === 0;
}

export function start(number) {
  button.addEventListener("click", async () => {
    try {
      const { hurried } = await line.hurry(number());
      said.textContent = hurried ? "Due now. It arrives within seconds." : "Nothing was left to hurry.";
    } catch (error) {
      said.textContent = error.message;
    }
    refresh(number());
  });
}

export function quiet() {
  said.textContent = "";
}
