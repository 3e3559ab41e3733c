// The texts in sight whose contrast is less than WCAG AA asks for: 4.5, or 3 for large letters.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const LARGE_PX = 24;
  const LARGE_BOLD_PX = 18.66;

  function rgba(color) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }

  function over(front, back) {
    const [, , , alpha] = front;
    return [0, 1, 2].map((index) => front[index] * alpha + back[index] * (1 - alpha));
  }

  function luminance(color) {
    const [red, green, blue] = color.map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function background(element) {
    const layers = [];
    for (let node = element; node; node = node.parentElement) {
      layers.unshift(rgba(getComputedStyle(node).backgroundColor));
    }
    return layers.reduce((below, layer) => over(layer, below), rgba("Canvas").slice(0, 3));
  }

  function isWeak(element) {
    const style = getComputedStyle(element);
    const below = background(element);
    const shades = [luminance(over(rgba(style.color), below)), luminance(below)];
    const ratio = (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= LARGE_PX || (size >= LARGE_BOLD_PX && style.fontWeight >= 700);
    return ratio < (isLarge ? 3 : 4.5);
  }

  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    const isSeen = element.checkVisibility() && !element.closest(".visually-hidden, option, noscript");
    if (text && isSeen && isWeak(element)) found.add(`${element.className}: ${text}`);
  }
  return [...found];
}
