/**
 * Runs in the page: what of its visible text cannot be read. Self-contained, since only its source gets there.
 * @returns {string[]}
 */
export function legibilityFaults() {
  const NORMAL_RATIO = 4.5;
  const LARGE_RATIO = 3;
  const LARGE_PX = 24;
  const LARGE_BOLD_PX = 18.66;
  const ROUNDING_PX = 1;

  /** @param {string} color `rgb(…)` or `rgba(…)`, as computed styles have it */
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  /** @param {string} color */
  const luminance = (color) => {
    const [red = 0, green = 0, blue = 0] = channels(color).map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  /** @param {Element | null} element */
  const backgroundOf = (element) => {
    for (let around = element; around; around = around.parentElement) {
      const color = getComputedStyle(around).backgroundColor;
      if (channels(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  /** @param {Element} element */
  const contrastOf = (element) => {
    const text = luminance(getComputedStyle(element).color);
    const ground = luminance(backgroundOf(element));
    return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
  };
  /** @param {Element} element */
  const neededContrast = (element) => {
    const { fontSize, fontWeight } = getComputedStyle(element);
    const px = Number.parseFloat(fontSize);
    return px >= LARGE_PX || (px >= LARGE_BOLD_PX && Number(fontWeight) >= 700) ? LARGE_RATIO : NORMAL_RATIO;
  };

  /** @type {string[]} */
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement;
    if (!element || !node.textContent?.trim() || !element.checkVisibility() || element.closest('.unseen, .skip, noscript, thead')) continue;
    const told = `"${node.textContent.trim().slice(0, 40)}" in ${element.localName}.${element.className}`;
    const contrast = contrastOf(element);
    if (contrast < neededContrast(element)) faults.push(`${told} has a contrast of ${contrast.toFixed(2)}`);

    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    const box = (element.closest('tr, .card, .top-row, .bar, section') ?? document.body).getBoundingClientRect();
    const cut = text.left < box.left - ROUNDING_PX || text.right > box.right + ROUNDING_PX || text.bottom > box.bottom + ROUNDING_PX;
    if (cut) faults.push(`${told} reaches out of its box`);
  }

  const cells = [...document.querySelectorAll('tbody th, tbody td, thead th')].filter((cell) => cell.checkVisibility());
  for (const row of document.querySelectorAll('tr')) {
    const boxes = cells
      .filter((cell) => cell.parentElement === row)
      .map((cell) => {
        range.selectNodeContents(cell);
        return { cell, box: range.getBoundingClientRect() };
      });
    for (const [index, { cell, box }] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) {
        const apart =
          box.right <= other.box.left || other.box.right <= box.left || box.bottom <= other.box.top || other.box.bottom <= box.top;
        if (!apart && box.width > 1 && other.box.width > 1) faults.push(`"${cell.textContent}" lies over "${other.cell.textContent}"`);
      }
    }
  }
  return faults;
}
