// The phone's requests: texts out, answers and follow-ups in. An error is always a sentence to show.

const UNREACHABLE = "The line cannot be reached. It may be starting, or stopped.";

/** Twilio's name of a text. The phone gives it, so that a text that is sent anew is the same text. */
export function newSid(media) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return (media ? "MM" : "SM") + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function send(person, entry) {
  const { number: from, country, state, zip } = person;
  return ask("/phone/texts", { from, country, state, zip, sid: entry.sid, text: entry.text, media: entry.media });
}

export const hurry = (number) => ask("/phone/hurry", { from: number });

export const planned = (number) => ask(`/phone/follow-ups?number=${encodeURIComponent(number)}`);

async function ask(url, body) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(url, body ? post : {});
  } catch {
    throw new Error(UNREACHABLE);
  }
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(told.error ?? `The line answered ${response.status}.`);
  return told;
}

/** Follow-ups for `number` as they come, until the returned function is called. */
export function listen(number, bookmark, { arrived, live }) {
  let source;
  let again;
  let silence;
  const down = () => live(false);

  function open() {
    source = new EventSource(`/phone/events?${new URLSearchParams({ number, after: bookmark })}`);
    source.onopen = () => {
      clearTimeout(silence);
      silence = undefined;
      live(true);
    };
    source.onmessage = (event) => {
      bookmark = event.lastEventId;
      arrived(JSON.parse(event.data), bookmark);
    };
    source.onerror = () => {
      silence ??= setTimeout(down, 1500); // streams end and come back; only a longer silence means something
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, 2000);
    };
  }

  open();
  return () => {
    source.close();
    clearTimeout(again);
    clearTimeout(silence);
  };
}
