"""The few options of curl(1) that the README uses, for machines that have no curl."""

import argparse
import sys
from pathlib import Path

import httpx


def main() -> None:
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("url")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-b", "--cookie", default="")
    parser.add_argument("-F", "--form", action="append", default=[])
    parser.add_argument("-c", "--cookie-jar", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("-d", "--data", action="append")
    parser.add_argument("-s", "--silent", action="store_true")
    parser.add_argument("-N", "--no-buffer", action="store_true")
    given = parser.parse_args()
    headers = dict(line.split(": ", 1) for line in given.header)
    if given.cookie:
        jar = Path(given.cookie)
        headers["Cookie"] = given.cookie if "=" in given.cookie else jar.read_text("utf-8")
    files = {name: (None, value) for name, value in (field.split("=", 1) for field in given.form)}
    method = "POST" if files or given.data is not None else "GET"
    content = None if given.data is None else "&".join(given.data)
    if content is not None and "Content-Type" not in headers:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if given.no_buffer:
        with httpx.stream(method, given.url, headers=headers, timeout=None) as following:  # noqa: S113 - as curl does
            for line in following.iter_lines():
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
        return
    answer = httpx.request(method, given.url, headers=headers, files=files or None, content=content)
    if given.cookie_jar:
        given.cookie_jar.write_text("; ".join(f"{name}={value}" for name, value in answer.cookies.items()), "utf-8")
    if given.output is None:
        sys.stdout.write(answer.text)


if __name__ == "__main__":
    main()
