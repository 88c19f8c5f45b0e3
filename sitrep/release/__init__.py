"""What may leave: markings, statuses, rights, sign-offs. The only folder that reads `publish` of the configuration."""
