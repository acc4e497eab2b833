"""Who asks: users, sessions and API keys."""
