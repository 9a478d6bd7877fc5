// Who texts: the ready people of the page, those made here, and the form that changes one.

import * as history from "./history.js";

const select = document.querySelector("#person");
const form = document.querySelector("#edit");
const error = document.querySelector("#edit-error");

// Places for new people. 555-0100 to 555-0199 of every area code belong to nobody.
const PLACES = [
  ["212", "New York", "NY", "10001"],
  ["312", "Illinois", "IL", "60601"],
  ["303", "Colorado", "CO", "80202"],
  ["206", "Washington", "WA", "98101"],
  ["305", "Florida", "FL", "33101"],
  ["602", "Arizona", "AZ", "85001"],
];

export function current() {
  const { value: number, dataset, textContent: name } = select.selectedOptions[0];
  return { number, name, country: dataset.country, state: dataset.state, zip: dataset.zip };
}

/** `changed` is called whenever somebody else texts, or the same person from elsewhere. */
export function start(changed) {
  history.people().forEach(offer);
  choose(history.setting("current") || select.value);
  const choice = () => {
    choose(select.value);
    changed();
  };
  select.addEventListener("change", choice);
  document.querySelector("#new-person").addEventListener("click", () => become(newPerson(), changed));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const person = edited();
    if (person) become(person, changed);
  });
}

function become(person, changed) {
  history.rememberPerson(person);
  offer(person);
  choose(person.number);
  changed();
}

function offer(person) {
  const { number, name, country, state, zip } = person;
  const known = [...select.options].find((option) => option.value === number);
  const option = known ?? select.appendChild(new Option(name, number));
  Object.assign(option.dataset, { country, state, zip });
}

function choose(number) {
  select.value = number;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  const person = current();
  history.set("current", person.number);
  const where = [person.country, person.state, person.zip].filter(Boolean).join(" ");
  document.querySelector("#who").textContent = `${person.number}, ${where}`;
  for (const name of ["number", "country", "state", "zip"]) form.elements[name].value = person[name];
  error.textContent = "";
}

function edited() {
  const wrong = [...form.elements].find((field) => !field.checkValidity());
  error.textContent = wrong ? SENTENCES[wrong.name] : "";
  wrong?.focus();
  if (wrong) return null;
  const { number, country, state, zip } = Object.fromEntries(new FormData(form));
  const known = [...select.options].find((option) => option.value === number);
  return { number, name: known?.textContent ?? number, country, state, zip };
}

const SENTENCES = {
  number: "The number should be + and 7 to 15 digits, country code first.",
  state: "The state should be letters, such as NY.",
  zip: "The ZIP should be letters and digits.",
};

function newPerson() {
  const taken = new Set([...select.options].map((option) => option.value));
  const [area, place, state, zip] = PLACES[Math.floor(Math.random() * PLACES.length)];
  const ends = [...Array(100).keys()].map((end) => `+1${area}55501${String(end).padStart(2, "0")}`);
  const free = ends.filter((number) => !taken.has(number));
  const number = free[Math.floor(Math.random() * free.length)] ?? ends[0];
  return { number, name: `Somebody new, ${place}`, country: "US", state, zip };
}
