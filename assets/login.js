// Telegram opens a Mini App with the signed data of the launch behind the #: it is the login.
(() => {
  const launch = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
  if (!launch) return;
  const wanted = new URL(new URLSearchParams(location.search).get("next") || "/", location.origin);
  const next = wanted.origin === location.origin ? wanted.pathname + wanted.search : "/";
  fetch("/api/auth/telegram/mini-app", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ init_data: launch }),
  })
    .then((answer) => location.replace(answer.ok ? next : "/login?trouble=failed"))
    .catch(() => location.replace("/login?trouble=unavailable"));
})();
