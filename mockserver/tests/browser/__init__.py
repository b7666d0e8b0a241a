"""The pages of the mock in a real browser: Chromium of the machine, driven by Playwright. Nothing is downloaded."""
