"""What a command does beyond a call of the steps: diff, explain, export. Nothing here parses arguments."""
