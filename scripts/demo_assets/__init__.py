"""What draws and plays the demo assets: a small vector painter, scenes, a voice and a piece of music."""
