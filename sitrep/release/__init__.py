"""What may be published: markings, statuses, rights, sign-offs. The only folder that reads `publish` of the
configuration."""
