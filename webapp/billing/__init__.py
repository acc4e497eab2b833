"""Plans as data and the ledger of usage."""
