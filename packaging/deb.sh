#!/bin/sh
# Builds a Debian package into the folder $1, with the Python $2: its environment lies under /usr/lib/beseda, and nothing
# is downloaded when it is installed. Needs dpkg-deb, and the network for the wheels.
set -eu
cd "$(dirname "$0")/.."
out=$1 python=$2
version=$("$python" -c 'import re; print(re.search(r"__version__ = \"(.+)\"", open("src/beseda/__init__.py").read())[1])')
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
install -d "$root/DEBIAN" "$root/usr/lib/beseda" "$root/usr/bin" "$root/usr/lib/systemd/system" \
    "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d" "$root/etc/beseda" "$root/usr/share/doc/beseda"
"$python" -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes \
    --target "$root/usr/lib/beseda/packages" -r requirements/run.txt
"$python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps \
    --target "$root/usr/lib/beseda/packages" --upgrade .
rm -rf "$root/usr/lib/beseda/packages/bin"
series=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
cat > "$root/usr/bin/beseda" <<EOF
#!/bin/sh
PYTHONPATH=/usr/lib/beseda/packages exec python$series -m beseda "\$@"
EOF
chmod 755 "$root/usr/bin/beseda"
install -m 644 packaging/systemd/beseda.service packaging/systemd/beseda.socket "$root/usr/lib/systemd/system/"
install -m 644 packaging/systemd/sysusers.conf "$root/usr/lib/sysusers.d/beseda.conf"
install -m 644 packaging/systemd/tmpfiles.conf "$root/usr/lib/tmpfiles.d/beseda.conf"
install -m 644 packaging/beseda.toml "$root/etc/beseda/beseda.toml"
install -m 644 LICENSE "$root/usr/share/doc/beseda/copyright"
install -m 644 packaging/Caddyfile packaging/nginx.conf "$root/usr/share/doc/beseda/"
echo /etc/beseda/beseda.toml > "$root/DEBIAN/conffiles"
cat > "$root/DEBIAN/control" <<EOF
Package: beseda
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: Beseda <root@localhost>
Section: net
Priority: optional
Depends: python$series, passwd
Recommends: systemd
Suggests: caddy | nginx, postgresql
Installed-Size: $(du -sk "$root" | cut -f1)
Description: community server that you host yourself
 Rooms, mail and domains behind the Chat.cz, Spaces and SpaceWeb protocols.
EOF
for script in postinst prerm postrm; do
    sed "s/@series@/$series/" "packaging/debian/$script" > "$root/DEBIAN/$script"
    chmod 755 "$root/DEBIAN/$script"
done
find "$root" -name __pycache__ -prune -exec rm -rf {} +
mkdir -p "$out"
dpkg-deb --root-owner-group -Zzstd --build "$root" "$out/beseda_${version}_$(dpkg --print-architecture).deb"
