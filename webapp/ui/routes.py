"""Where pages live."""

STUDIO = "/"
LOGIN = "/login"
TEMPLATES = "/templates"
API_DOCS = "/api/docs"
DEV_LOGIN = "/api/auth/dev-login"
LOGOUT = "/api/auth/logout"
