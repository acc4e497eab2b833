"""What the subcommands of ``reelgrove`` do; ``webapp.cli`` only reads the arguments."""
