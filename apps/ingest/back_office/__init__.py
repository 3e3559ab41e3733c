"""Pages of the back office on incoming files and call lists."""
