"""MightyCall over HTTP behind one interface, ``transport``. Nothing outside knows its JSON."""
