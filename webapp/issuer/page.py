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
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #0f110d; color: #eef0ea; }
  form { width: min(340px, 84vw); padding: 28px; border: 1px solid #2c3027; border-radius: 16px; background: #171a14; }
  h1 { margin: 0 0 4px; font-size: 20px; }
  p { margin: 0 0 18px; color: #a5ab9c; font-size: 13px; }
  label { display: block; margin-bottom: 6px; font-size: 13px; color: #c8cdc0; }
  input { box-sizing: border-box; width: 100%; padding: 10px 12px; border-radius: 10px; border: 1px solid #3a4033;
          background: #0f110d; color: inherit; font: inherit; }
  button { width: 100%; margin-top: 12px; padding: 11px; border-radius: 10px; border: 1px solid #3a4033; font: inherit;
           font-weight: 600; cursor: pointer; background: none; color: #c8cdc0; }
  button[value=allow] { background: #bdee63; border-color: #bdee63; color: #1b1f10; }
  input:focus-visible, button:focus-visible { outline: 2px solid #bdee63; outline-offset: 2px; }
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
