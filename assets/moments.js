// How long ago a moment was, in the reader's own language.
window.ago = (moment) => {
  const seconds = (new Date(moment) - Date.now()) / 1000;
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) || ["second", 0];
  return length ? words.format(Math.round(seconds / length), unit) : "just now";
};
