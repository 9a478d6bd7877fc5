// How many SMS segments a text takes: the same rules as service/policy/segments.py, held to it by the browser test.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");

/** Units are septets in GSM-7, UTF-16 code units in UCS-2. */
export function count(text) {
  const characters = [...text];
  const gsm7 = characters.every((character) => BASIC.has(character) || EXTENDED.has(character));
  const widths = characters.map((character) => (gsm7 ? (EXTENDED.has(character) ? 2 : 1) : character.length));
  const units = widths.reduce((sum, width) => sum + width, 0);
  const [alone, inParts] = gsm7 ? [160, 153] : [70, 67];
  return { encoding: gsm7 ? "GSM-7" : "UCS-2", units, segments: units <= alone ? Math.min(units, 1) : parts(widths, inParts) };
}

function parts(widths, most) {
  let count = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > most) {
      count += 1;
      used = 0;
    }
    used += width;
  }
  return count;
}
