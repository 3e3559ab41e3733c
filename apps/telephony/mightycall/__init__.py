"""MightyCall over HTTP, behind one interface; what is its own in words and paths stays in here."""
