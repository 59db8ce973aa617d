"""What an organization has set about detectors: which types count where, how patiently, how urgent, by which thresholds; risks or not."""
