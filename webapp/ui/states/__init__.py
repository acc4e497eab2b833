"""States of a tab. Every public handler is an endpoint that anybody can call: the services ask who does."""
