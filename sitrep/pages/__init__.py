"""One module for each kind of page: a corpus becomes views and outputs. Nothing here renders or writes."""
