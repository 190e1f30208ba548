"""The few options of curl(1) that the README and the guides use, for machines that have no curl."""

import argparse
import os
import re
import shutil
import ssl
import sys
from pathlib import Path

import httpx


def provide_curl(folder: Path) -> None:
    """Put this one into a folder of programs if the machine has no other."""
    if shutil.which("curl") is None:
        curl = folder / "curl"
        curl.write_text(f'#!/bin/sh\nexec {sys.executable} {__file__} "$@"\n')
        curl.chmod(0o755)


def connect_to(url: httpx.URL) -> tuple[httpx.URL, dict[str, str]]:
    """Where to connect, as `connect-to` in the file of options says, and what TLS is to be asked for there."""
    options = Path(os.environ.get("CURL_HOME", "/nowhere")) / ".curlrc"
    text = options.read_text("utf-8") if options.exists() else ""
    for host, port, other, other_port in re.findall(r"connect-to = (\S+):(\d+):(\S+):(\d+)", text):
        if (url.host, url.port or 443) == (host, int(port)):
            return url.copy_with(host=other, port=int(other_port)), {"sni_hostname": host}
    return url, {}


def main() -> None:
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("url")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-b", "--cookie", default="")
    parser.add_argument("-F", "--form", action="append", default=[])
    parser.add_argument("-c", "--cookie-jar", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("-d", "--data", action="append")
    parser.add_argument("--cacert")
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
    url, tls = connect_to(httpx.URL(given.url))
    headers.setdefault("Host", httpx.URL(given.url).netloc.decode())
    verify = ssl.create_default_context(cafile=given.cacert) if given.cacert else True
    with httpx.Client(verify=verify, timeout=60) as client:
        answer = client.request(method, url, headers=headers, files=files or None, content=content, extensions=tls)
    if given.cookie_jar:
        given.cookie_jar.write_text("; ".join(f"{name}={value}" for name, value in answer.cookies.items()), "utf-8")
    if given.output is None:
        sys.stdout.write(answer.text)
    else:
        given.output.write_text(answer.text, "utf-8")


if __name__ == "__main__":
    main()
