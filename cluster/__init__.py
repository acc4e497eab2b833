"""From claimed jobs to finished files: planned, shared fairly, carried out on Ray, and taken up again after a fall."""
