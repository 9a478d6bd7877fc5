// What this browser remembers: the people made here, who texts now, and each person's conversation. Nothing is sent.

const KEY = "nightlight.phone";
const MOST = 200;

let kept = read();

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    if (found?.conversations && Array.isArray(found.people)) return found;
  } catch {
    // Unreadable: what was remembered is lost, the phone works.
  }
  return { current: "", theme: "system", people: [], conversations: {} };
}

function write() {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Full or forbidden: the conversation goes on and does not outlive the page.
  }
}

export const setting = (name) => kept[name];

export function set(name, value) {
  kept[name] = value;
  write();
}

export const people = () => kept.people;

/** Replaces whoever had this number. */
export function rememberPerson(person) {
  kept.people = [...kept.people.filter((one) => one.number !== person.number), person];
  write();
}

function conversation(number) {
  return (kept.conversations[number] ??= { entries: [], bookmark: "" });
}

export const entries = (number) => conversation(number).entries;

/** Whether it was new: the same sid again changes what is there. */
export function remember(number, entry) {
  const all = conversation(number).entries;
  const index = all.findIndex((one) => one.sid === entry.sid);
  if (index >= 0) all[index] = entry;
  else all.push(entry);
  all.splice(0, all.length - MOST);
  write();
  return index < 0;
}

export const bookmark = (number) => conversation(number).bookmark;

export function setBookmark(number, value) {
  conversation(number).bookmark = value;
  write();
}

/** The bookmark stays, so that what was cleared does not come again. */
export function clear(number) {
  conversation(number).entries = [];
  write();
}
