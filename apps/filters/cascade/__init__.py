"""The cascade of a campaign: its settings, their versions, the YAML file, the compiled form."""
