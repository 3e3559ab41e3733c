"""Call lists: files that people upload for one campaign (docs/adr/0043-call-lists.md)."""
