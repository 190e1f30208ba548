"""The few options of curl(1) that the README uses, for machines that have no curl."""

import argparse
import sys

import httpx


def main() -> None:
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("url")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-b", "--cookie", default="")
    parser.add_argument("-F", "--form", action="append", default=[])
    parser.add_argument("--data")
    parser.add_argument("-s", "--silent", action="store_true")
    given = parser.parse_args()
    headers = dict(line.split(": ", 1) for line in given.header)
    if given.cookie:
        headers["Cookie"] = given.cookie
    files = {name: (None, value) for name, value in (field.split("=", 1) for field in given.form)}
    method = "POST" if files or given.data is not None else "GET"
    answer = httpx.request(method, given.url, headers=headers, files=files or None, content=given.data)
    sys.stdout.write(answer.text)


if __name__ == "__main__":
    main()
