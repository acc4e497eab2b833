"""An issuer of identities on one's own machine, where a name is enough: for development and tests."""
