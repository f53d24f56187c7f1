"""A run with a long log in a browser: opened, jumped into, searched.

    python -m bench.open [--lines 1000000] [--rounds 7]

A whole server whose worker ran a script that prints the lines; Chromium, each round with an empty
cache. Times are taken by the page itself: until the largest paint; from a new address (#L500000)
until that line is there and painted; from the last key in the search field until the count of all
hits is shown and a hit is in view.
"""

import argparse
import random
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.lists import sign_in
from bench.server import server
from tests.conftest import ARGUMENTS, CHROMIUM
from tests.factories import git_repository

SCRIPT = """\
awk 'BEGIN { for (n = 1; n <= %d; n++)
  printf "%%07d changed: [web-%%02d.example.com] => (item=%%08x)\\n", n, n %% 60, n * 40503 }'
"""
SHOWS = """(wanted) => [...document.querySelectorAll(".log-line")].some((row) => !row.hidden
  && row.querySelector(".log-text").textContent.startsWith(wanted))"""
UNTIL = f"""
const shows = {SHOWS};
const until = async (test) => {{
  while (!test()) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}};
"""
LARGEST = """() => new Promise((done) => new PerformanceObserver((list) =>
  done(list.getEntries().at(-1).startTime)).observe(
  {type: "largest-contentful-paint", buffered: true}))"""
JUMP = f"""async ([line, wanted]) => {{ {UNTIL}
  const begun = performance.now();
  location.hash = `#L${{line}}`;
  await until(() => shows(wanted));
  return performance.now() - begun;
}}"""
SEARCH = f"""async ([text, wanted]) => {{ {UNTIL}
  const field = document.querySelector("[name=log-search]");
  const count = document.querySelector("[data-log=count]");
  count.textContent = field.value = "";
  const begun = performance.now();
  field.value = text;
  field.dispatchEvent(new InputEvent("input", {{bubbles: true}}));
  await until(() => /\\d/.test(count.textContent) && shows(wanted));
  return [performance.now() - begun, count.textContent];
}}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = git_repository(Path(folder, "repo"), long_sh=SCRIPT % options.lines)
        with server(Path(folder, "instance"), HELIOGRAPH_WORKER_SLOTS="1") as client:
            template = client.template(script, "long.sh")
            task = client.finished(template, client.start(template))
            assert task["status"] == "success", task
            url = f"/p/{task['project_id']}/runs/{task['id']}"
            measure(f"http://127.0.0.1:{client.port}", url, sign_in(client.port), options)


def measure(origin: str, url: str, cookie: str, options: argparse.Namespace) -> None:
    times: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for _ in range(options.rounds):
            page = opened(browser, origin, url, cookie)
            for what, took in one_round(page, options.lines):
                times.setdefault(what, []).append(took)
            page.context.close()
        browser.close()
    for what, found in times.items():
        ordered = sorted(found)
        median = ordered[len(ordered) // 2]
        print(f"{what}: median {median:.0f} ms, {ordered[0]:.0f} to {ordered[-1]:.0f}", flush=True)


def opened(browser: Browser, origin: str, url: str, cookie: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    name, _, secret = cookie.partition("=")
    context.add_cookies([{"name": name, "value": secret, "url": origin}])
    page = context.new_page()
    page.goto(origin + url)
    page.wait_for_function(SHOWS, arg="")
    return page


def one_round(page: Page, lines: int) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = [("largest paint", page.evaluate(LARGEST))]
    first = 12  # what a run says before the script's own lines is less
    for _ in range(5):
        number = random.randrange(first, lines)
        took: Any = page.evaluate(JUMP, [number + first, f"{number:07d} "])
        found.append(("jump to a line", took))
    rare = f"{lines * 9 // 10:07d} changed"
    for what, text, wanted in (("rare", rare, rare), ("frequent", "web-07.", "")):
        took, count = page.evaluate(SEARCH, [text, wanted])
        found.append((f"search for a {what} text ({count.strip()})", took))
    return found


if __name__ == "__main__":
    main()
