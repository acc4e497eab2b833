// What every page may ask of the browser.

// The server's answer brings the input first and asks for the cursor then: the page may need a few frames to draw it.
window.focusOn = (id, frames = 60) => {
  const input = document.getElementById(id);
  if (input) input.focus();
  else if (frames > 0) requestAnimationFrame(() => window.focusOn(id, frames - 1));
};
