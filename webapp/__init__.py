"""The product: accounts, assets, renders and their two edges, the browser and REST."""
