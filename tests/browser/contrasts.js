// Every visible piece of text with its contrast to what is behind it, by WCAG's formula.
() => {
  const probe = document.body.appendChild(document.createElement("i"));
  const colour = (value) => {
    probe.style.color = value;
    const [r, g, b, a = 1] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const page = colour(getComputedStyle(document.body).backgroundColor);
  const frame = colour(getComputedStyle(document.querySelector(".phone"), "::before").backgroundColor);
  const light = ({ r, g, b }) =>
    [r, g, b]
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found.a === 1) return found;
      if (found.a > 0) throw new Error("half transparent background");
      if (at.matches(".said, .contact, .composer, .day, .empty")) return frame;
    }
    return page;
  };
  const measured = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.trim();
    if (!words || element.closest(".unseen, noscript, script, option") || !element.checkVisibility()) continue;
    const ink = colour(getComputedStyle(element).color);
    measured.push({ words: words.slice(0, 30), ratio: ratio(ink, behind(element)) });
  }
  probe.remove();
  return measured;
}
