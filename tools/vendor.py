"""`make vendor`: what the pages need of other people's work, out of the npm registry into api/web/static/vendor.

`tools/web/package.json` names the versions, its lock file their hashes, which npm checks. Imports by name become
relative ones, so that no page needs a map of them; the icons become one sprite. `vendored.json` says what is there.
"""

import hashlib
import json
import re
import subprocess
from pathlib import Path

TOOLS = Path(__file__).parent / "web"
MODULES = TOOLS / "node_modules"
VENDOR = Path(__file__).parents[1] / "src/beseda/api/web/static/vendor"
FILES = {
    "preact.js": ("preact", "dist/preact.mjs"),
    "hooks.js": ("preact", "hooks/dist/hooks.mjs"),
    "signals-core.js": ("@preact/signals-core", "dist/signals-core.mjs"),
    "signals.js": ("@preact/signals", "dist/signals.mjs"),
    "htm.js": ("htm", "dist/htm.mjs"),
}
IMPORTS = {
    "preact": "./preact.js",
    "preact/hooks": "./hooks.js",
    "@preact/signals-core": "./signals-core.js",
}
ICONS = [
    "archive",
    "archive-restore",
    "arrow-down",
    "arrow-left",
    "ban",
    "bell",
    "bell-off",
    "check",
    "chevron-right",
    "circle-alert",
    "clock",
    "copy",
    "corner-up-left",
    "door-open",
    "download",
    "ellipsis",
    "flag",
    "gift",
    "globe",
    "hash",
    "info",
    "key-round",
    "lock",
    "log-out",
    "mail",
    "menu",
    "message-circle",
    "monitor",
    "pencil",
    "phone",
    "plus",
    "search",
    "send",
    "settings",
    "shield",
    "shield-alert",
    "smile",
    "square-pen",
    "star",
    "trash-2",
    "user",
    "users",
    "wifi-off",
    "x",
]


def main() -> None:
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=TOOLS, check=True)  # noqa: S607 - where npm is, is for PATH to say
    lock = json.loads((TOOLS / "package-lock.json").read_text("utf-8"))["packages"]
    VENDOR.mkdir(parents=True, exist_ok=True)
    made: dict[str, dict[str, str]] = {}

    def keep(name: str, package: str, text: str) -> None:
        (VENDOR / name).write_text(text, "utf-8")
        entry = lock[f"node_modules/{package}"]
        made[name] = {
            "package": package,
            "version": entry["version"],
            "licence": entry["license"],
            "integrity": entry["integrity"],
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }

    for name, (package, source) in FILES.items():
        text = (MODULES / package / source).read_text("utf-8")
        text = re.sub(r'(from|import)\s*"([^".][^"]*)"', lambda found: f'{found[1]}"{IMPORTS[found[2]]}"', text)
        keep(name, package, re.sub(r"\n?//# sourceMappingURL=\S+\s*", "\n", text))
    keep("icons.svg", "lucide-static", sprite())
    packages = sorted({each["package"] for each in made.values()})
    licences = [f"{each}\n\n{licence(each)}" for each in packages]
    (VENDOR / "LICENSES.txt").write_text("\n\n----\n\n".join(licences) + "\n", "utf-8")
    (VENDOR / "vendored.json").write_text(json.dumps(made, indent=2) + "\n", "utf-8")


def sprite() -> str:
    symbols = []
    for name in sorted(ICONS):
        drawing = (MODULES / "lucide-static/icons" / f"{name}.svg").read_text("utf-8")
        inside = re.sub(r"\s*\n\s*", "", drawing.partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inside}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def licence(package: str) -> str:
    (found,) = (path for path in (MODULES / package).iterdir() if path.stem.upper() in ("LICENSE", "LICENCE"))
    return found.read_text("utf-8").strip()


if __name__ == "__main__":
    main()
