// What the browser does by itself in the studio: it never waits for the server, and the server never sees it.

// Range inputs draw their filled part from a variable; while one is dragged it is kept up to date here.
addEventListener("input", ({ target }) => {
  if (target.type !== "range") return;
  target.style.setProperty("--fill", `${(100 * (target.value - target.min)) / (target.max - target.min)}%`);
});

// What was wrong with a file is forgotten with the next text.
addEventListener("input", ({ target }) => {
  if (target.classList.contains("caption-text")) document.getElementById("caption-file-problem").textContent = "";
});

const LARGEST_FILE = 200_000;

function textOf(bytes) {
  const [first, second] = new Uint8Array(bytes);
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const encoding = isWide ? (first === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

async function readText(file) {
  if (file.size > 4 * LARGEST_FILE) throw new Error("The file is too large: choose one of at most 200,000 characters.");
  try {
    return textOf(await file.arrayBuffer());
  } catch {
    throw new Error("The file is no text in UTF-8: save it as UTF-8 and load it again.");
  }
}

// A file of subtitles goes into the text area as if it had been pasted there.
addEventListener("change", async ({ target }) => {
  if (!target.dataset?.fills || !target.files?.length) return;
  const area = document.getElementById(target.dataset.fills);
  const problem = document.getElementById(target.dataset.problem);
  const file = target.files[0];
  target.value = "";
  try {
    const text = await readText(file);
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, text);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  } catch (error) {
    problem.textContent = error.message;
  }
});

// In the table of words, Enter and the arrows go to the same column of another word.
addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".word");
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling", Enter: "nextElementSibling" }[event.key];
  if (!row || !step || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  const column = [...row.querySelectorAll("input")].indexOf(event.target);
  const input = row[step]?.querySelectorAll("input")[column];
  if (input) input.focus();
  else event.target.blur();
});
