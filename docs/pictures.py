"""Write docs/pictures anew: the page as Chromium shows it, light, dark and on a phone. Needs the extras serve and test.

python docs/pictures.py
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).parent / "pictures"
MOST_BYTES = 150_000
WORTH = "/?role=ML+engineer&location=Berlin&years_experience=4&skills=PyTorch%2C+AWS&mine=76000&as_of=2026-11"
MARKET = "/benchmarks?role=ML+engineer&location=Europe&by=country&currency=EUR&as_of=2026-11"
CAREER = "/career?role=Data+scientist&location=Berlin&years_experience=3&education=bachelor&skills=Python&as_of=2026-11"
FORECAST = "/forecast?role=ML+engineer&location=Germany&as_of=2026-11"
# name, address, colours, width and height of the window
SHOTS = (
    ("worth-light", WORTH, "light", 1200, 860),
    ("worth-dark", WORTH, "dark", 1200, 860),
    ("worth-phone", WORTH, "light", 390, 844),
    ("benchmarks-light", MARKET, "light", 1200, 860),
    ("career-light", CAREER, "light", 1200, 860),
    ("forecast-dark", FORECAST, "dark", 1200, 860),
    ("method-light", "/method", "light", 1200, 860),
)


def main() -> None:
    """Start a server, take each picture, stop it."""
    PICTURES.mkdir(exist_ok=True)
    serve = [sys.executable, "-m", "paylens", "serve", "--port", "0"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[3].rstrip("/")
        try:
            take(url)
        finally:
            process.send_signal(signal.SIGTERM)


def take(url: str) -> None:
    """Each of `SHOTS` as a PNG; one that is too large to keep in the repository is an error."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, address, colours, width, height in SHOTS:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=colours, locale="en-US"
            )
            page = context.new_page()
            page.goto(url + address)
            if width < 600:
                # On a phone the answer is below the question.
                page.locator("#answer").evaluate("e => window.scrollTo(0, e.offsetTop - 16)")
            path = PICTURES / f"{name}.png"
            page.screenshot(path=path)
            if path.stat().st_size > MOST_BYTES:
                raise SystemExit(f"{path} is larger than {MOST_BYTES:,} bytes")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
