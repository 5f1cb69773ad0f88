#!/bin/bash
# lifecycle.sh ROOT FOLDER OLD NEW: the life of both Debian packages in a root of their own: installed, checked, run as
# their user with everything else read-only, upgraded with configuration and data kept, removed, purged. ROOT is a
# folder with a Debian in it (debootstrap), or `overlay`: a throw-away view of this machine. FOLDER holds the packages
# of the versions OLD and NEW. Run as root; one line `ok …` a step; ends with 1 at the first that fails.
set -euo pipefail
if [ -z "${TOURNEE_UNSHARED:-}" ]; then
  TOURNEE_UNSHARED=1 exec unshare --mount --pid --fork --propagation private bash "$0" "$@"
fi
root=$1 folder=$(realpath "$2") old=$3 new=$4
architecture=$(dpkg --print-architecture)

if [ "$root" = overlay ]; then
  layers=$(mktemp -d)
  trap 'rm -rf --one-file-system "$layers" 2>/dev/null || true' EXIT
  mount -t tmpfs tmpfs "$layers"
  mkdir "$layers"/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=/,upperdir=$layers/upper,workdir=$layers/work" "$layers/root"
  root=$layers/root
else
  mount --bind "$root" "$root"
fi
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mkdir -p "$root/mnt/packages"
mount --bind "$folder" "$root/mnt/packages"
rm -rf "$root/etc/tournee" "$root/var/lib/tournee" "$root/run/systemd/system"

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
step() { local name=$1; shift; if "$@"; then echo "ok $name"; else echo "FAILED $name"; exit 1; fi; }
quiet() { "$@" >/dev/null; }
mode() { [ "$(inside stat -c '%a %U:%G' "$1")" = "$2" ]; }
has() { [ -e "$root$1" ]; }
fails() { ! "$@" >/dev/null 2>&1; }
hasnt() { [ ! -e "$root$1" ]; }
dpkg_run() { inside dpkg "$@" >"$root/tmp/dpkg.log" 2>&1 || { cat "$root/tmp/dpkg.log"; return 1; }; }
unchanged() { [ -z "$(inside dpkg --verify "$1")" ]; }

install_and_look() {
  local name=$1 config=$2
  step "$name: installed" dpkg_run -i "/mnt/packages/${name}_${old}_$architecture.deb"
  step "$name: as packed" unchanged "$name"
  step "$name: an account without shell" inside sh -c 'getent passwd tournee | grep -q nologin'
  step "$name: data folder" mode /var/lib/tournee '750 tournee:tournee'
  step "$name: credentials for root alone" mode /etc/tournee/credentials '700 root:root'
  step "$name: says what to set" grep -q "check-config /etc/tournee/$config" "$root/tmp/dpkg.log"
  step "$name: the program runs" quiet inside tournee --help
}

upgrade_and_end() {
  local name=$1 config=$2
  echo '# set by the technician' >>"$root/etc/tournee/$config"
  echo kept >"$root/var/lib/tournee/kept"
  sums=$(cd "$root/etc/tournee" && find . -type f -exec sha256sum {} + | sort)
  step "$name: upgraded" dpkg_run -i "/mnt/packages/${name}_${new}_$architecture.deb"
  step "$name: configuration and secrets kept" test "$sums" = "$(cd "$root/etc/tournee" && find . -type f -exec sha256sum {} + | sort)"
  step "$name: data kept" grep -q kept "$root/var/lib/tournee/kept"
  step "$name: removed" dpkg_run --remove "$name"
  step "$name: the program is gone" hasnt /usr/lib/tournee/dist
  step "$name: removal keeps configuration and data" has "/etc/tournee/$config"
  step "$name: removal keeps the data" has /var/lib/tournee/kept
  step "$name: purged" dpkg_run --purge "$name"
  step "$name: nothing is left" hasnt /var/lib/tournee
  step "$name: no configuration is left" hasnt "/etc/tournee/$config"
  step "$name: no secret is left" hasnt /etc/tournee/credentials
  step "$name: no account is left" inside sh -c '! getent passwd tournee'
}

# Runs the daemon as its unit does: its user, its secrets as copies, and nothing writable but its data.
run_read_only() {
  local name=$1 role=$2 url=$3
  local data=$root/var/lib/tournee credentials=/run/credentials/$name code=0
  mkdir -p "$root$credentials"
  mount -t tmpfs tmpfs "$root$credentials"
  for file in "$root"/etc/tournee/credentials/*; do
    [ ! -f "$file" ] || cp "$file" "$root$credentials/credentials_$(basename "$file")"
  done
  inside chown -R tournee:tournee "$credentials"
  mount --bind "$data" "$data"
  mount -o remount,bind,ro "$root" || return 1
  fails inside touch /usr/lib/written || return 1
  chroot "$root" setpriv --reuid tournee --regid tournee --init-groups --no-new-privs \
    env -i PATH=/usr/bin:/bin CREDENTIALS_DIRECTORY="$credentials" \
    tournee "$role" --config "/etc/tournee/$role.yaml" >/tmp/daemon.log 2>&1 &
  local daemon=$!
  local answered=1 tries started=$SECONDS
  for tries in $(seq 100); do
    if answers "$url"; then answered=0; break; fi
    kill -0 $daemon 2>/dev/null || break
    sleep 0.1
  done
  local up=$((SECONDS - started))
  kill -TERM $daemon 2>/dev/null || true
  wait $daemon || code=$?
  echo "   answered within $up s, stopped within $((SECONDS - started - up)) s"
  mount -o remount,bind,rw "$root"
  umount "$data" "$root$credentials"
  [ $answered -eq 0 ] && [ $code -eq 0 ] || { echo "answered: $answered, exit: $code"; cat /tmp/daemon.log; return 1; }
}
answers() { inside node -e 'fetch(process.argv[1]).then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))' "$1"; }

install_and_look tournee-gateway gateway.yaml
step 'tournee-gateway: a secret of its own' mode /etc/tournee/credentials/van.secret '600 root:root'
step 'tournee-gateway: the secret is 256 bits' inside grep -Eq '^[0-9a-f]{64}$' /etc/tournee/credentials/van.secret
step 'tournee-gateway: udev rules' has /usr/lib/udev/rules.d/70-tournee.rules
step 'tournee-gateway: its example is right but for devices' quiet inside tournee check-config /etc/tournee/gateway.yaml
sed -i -e 's|^broker:.*|broker: mqtt://127.0.0.1:1|' -e 's|^cab:.*|cab: http://127.0.0.1:18081|' "$root/etc/tournee/gateway.yaml"
step 'tournee-gateway: runs and stops with all else read-only' run_read_only tournee-gateway gateway http://127.0.0.1:18081/
step 'tournee-gateway: its journal is in the data folder' has /var/lib/tournee/gateway.db
upgrade_and_end tournee-gateway gateway.yaml
rm -rf "$root/etc/tournee"

install_and_look tournee-depot depot.yaml
step 'tournee-depot: says what its example lacks' fails inside tournee check-config /etc/tournee/depot.yaml
cp "$root/usr/share/doc/tournee-depot/examples/agenda.yaml" "$root/etc/tournee/agenda.yaml"
cat >"$root/etc/tournee/depot.yaml" <<EOD
broker: mqtt://127.0.0.1:18883
http: http://127.0.0.1:18080
store: sqlite:/var/lib/tournee/depot.db
agenda: /etc/tournee/agenda.yaml
vans: [{ id: camping-car-7 }]
auth: none
EOD
step 'tournee-depot: a small configuration is well' quiet inside tournee check-config /etc/tournee/depot.yaml
step 'tournee-depot: runs and stops with all else read-only' run_read_only tournee-depot depot http://127.0.0.1:18080/
step 'tournee-depot: its store is in the data folder' has /var/lib/tournee/depot.db
upgrade_and_end tournee-depot depot.yaml
echo 'ok all'
