"""One factory for each table that tests fill, in a module for each app."""
