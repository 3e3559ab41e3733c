// The search in the header of every page of the back office: the key «/» leads to it.

const text = document.getElementById("search-text");

function isTyping(element) {
  return element.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName);
}

if (text) {
  document.addEventListener("keydown", (event) => {
    // by its place too: with Russian letters the key types a full stop
    const isSlash = event.key === "/" || event.code === "Slash";
    if (!isSlash || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target)) return;
    event.preventDefault();
    text.focus();
    text.select();
  });
}
