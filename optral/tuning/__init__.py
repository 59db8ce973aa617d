"""What an organisation has set about detectors: which types count where, after how long, how urgent, and whether risks are told."""
