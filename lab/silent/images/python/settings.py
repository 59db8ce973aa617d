"""What the programs of this image share: the format of their log, and how often they work."""

import logging
import os

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=os.environ.get("LOG_LEVEL", "INFO"))
logging.captureWarnings(True)
EVERY = float(os.environ.get("EVERY", "3"))
