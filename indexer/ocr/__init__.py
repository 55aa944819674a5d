"""Words read by Tesseract, a job of its own that completes what is indexed already."""
