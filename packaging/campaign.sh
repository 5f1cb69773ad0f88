#!/bin/bash
# `npm run package:campaign`: the life of both packages (lifecycle.sh) in a minimal Debian made by debootstrap, with
# nothing of this machine in it but its Node.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v debootstrap >/dev/null || { echo 'debootstrap is not installed: apt-get install debootstrap'; exit 1; }
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
. /etc/os-release

for version in 0.1.0 0.1.1; do node packaging/package.mjs --version $version --out "$work/packages" >/dev/null; done
debootstrap --variant=minbase "$VERSION_CODENAME" "$work/root" >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }

# Node as a package of its own, so that ours finds what it depends on.
node=$(node -p process.execPath)
mkdir -p "$work/node/DEBIAN" "$work/node/usr/bin"
cp "$node" "$work/node/usr/bin/node"
cat >"$work/node/DEBIAN/control" <<EOD
Package: nodejs
Version: $(node -p process.versions.node)
Architecture: $(dpkg --print-architecture)
Maintainer: campaign
Description: Node of the machine that runs the campaign
EOD
dpkg-deb --root-owner-group --build "$work/node" "$work/packages/nodejs.deb" >/dev/null
cp "$work/packages/nodejs.deb" "$work/root/tmp/"
chroot "$work/root" dpkg -i /tmp/nodejs.deb >/dev/null

bash packaging/lifecycle.sh "$work/root" "$work/packages" 0.1.0 0.1.1
