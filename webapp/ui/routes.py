"""Where pages live."""

STUDIO = "/"
LOGIN = "/login"
DEV_LOGIN = "/api/auth/dev-login"
LOGOUT = "/api/auth/logout"
