// Moments as people say them. All take an ISO string.

const DAY = 24 * 60 * 60 * 1000;

export function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

export function day(at) {
  return nameOfDay(new Date(at), undefined);
}

/** "tomorrow 10:05, New York time": in the person's own zone, since that is what their phone shows. */
export function due(at, zone) {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString([], { hour: "numeric", minute: "2-digit", timeZone: zone });
  const place = zone.split("/").pop().replaceAll("_", " ");
  return `${nameOfDay(moment, zone).toLowerCase()} ${time}, ${place} time`;
}

function nameOfDay(moment, zone) {
  const date = (when) => when.toLocaleDateString("en-CA", { timeZone: zone });
  const now = Date.now();
  if (date(moment) === date(new Date(now))) return "Today";
  if (date(moment) === date(new Date(now - DAY))) return "Yesterday";
  if (date(moment) === date(new Date(now + DAY))) return "Tomorrow";
  return moment.toLocaleDateString([], { weekday: "long", month: "long", day: "numeric", timeZone: zone });
}
