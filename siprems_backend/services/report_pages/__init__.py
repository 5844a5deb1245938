"""Reports as pages of HTML that need nothing else: no picture, no font, no network."""
