"""Reading and writing media files. The only modules that import av."""
