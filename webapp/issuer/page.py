"""The page of the local issuer: who is it?"""

from html import escape
from string import Template

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who is it?</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>
  :root { color-scheme: dark; font: 15px/1.5 "Inter Variable", Inter, system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; color: #eef0ea;
         background: radial-gradient(60% 50% at 50% 30%, #1b2113 0%, #0b0c0a 100%); }
  form { width: min(340px, 84vw); padding: 28px; border: 1px solid #262b21; border-radius: 20px; background: #121410; }
  h1 { margin: 0 0 4px; font-size: 20px; }
  p { margin: 0 0 18px; color: #a3aa99; font-size: 13px; }
  label { display: block; margin-bottom: 6px; font-size: 13px; color: #eef0ea; }
  input { box-sizing: border-box; width: 100%; padding: 10px 12px; border-radius: 10px; border: 1px solid #3a4132;
          background: #191c16; color: inherit; font: inherit; }
  button { width: 100%; margin-top: 12px; padding: 11px; border-radius: 10px; border: 1px solid #3a4132; font: inherit;
           font-weight: 600; cursor: pointer; background: none; color: #eef0ea; }
  button[value=allow] { background: #c8f169; border-color: #c8f169; color: #14180b; }
  input:focus-visible, button:focus-visible { outline: 2px solid #c8f169; outline-offset: 2px; }
</style>
</head>
<body>
<form method="post">
  <h1>Who is it?</h1>
  <p>The development login of this machine believes every name. It does not exist in production.</p>
  <label for="name">Name</label>
  <input id="name" name="name" value="$name" maxlength="50" required autofocus autocomplete="username">
  <button name="decision" value="allow">Continue</button>
  <button name="decision" value="deny" formnovalidate>Cancel</button>
</form>
</body>
</html>
""")


def consent_page(name: str) -> str:
    """HTML of the question; its form goes to the very address that it was asked at."""
    return _PAGE.substitute(name=escape(name or "demo"))
