#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# debuginfod.sh DBGQUERY: a small stripped "kernel" and a module whose DWARF a file server on loopback has,
# by build-id; and no server asked when DEBUGINFOD_URLS is not set.  The same and a program by $SYSTEMTAP_DEBUGINFO_PATH.
query=$1
tmp=$(mktemp -d) || exit 1
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
if ! command -v busybox >/dev/null || ! ldconfig -p | grep -q libdebuginfod; then
	echo "ok debuginfod # SKIP busybox (busybox-static) or libdebuginfod1 is not installed"
	exit 0
fi
mkdir -p "$tmp/tree/include/config" "$tmp/home"
SYSTEMTAP_DIR=$tmp/home DEBUGINFOD_CACHE_PATH=$tmp/fetched DEBUGINFOD_TIMEOUT=10
export SYSTEMTAP_DIR DEBUGINFOD_CACHE_PATH DEBUGINFOD_TIMEOUT
echo 9.9.9-test >"$tmp/tree/include/config/kernel.release"
cat >"$tmp/k.c" <<'C'
struct seen { int count; };
int served(struct seen *s, long by);
int served(struct seen *s, long by) { return s->count += by; }
void _start(void);
void _start(void) { }
C

# publish FILE: its debuginfo goes to the server, the rest stays.
publish() {
	id=$(eu-readelf -n "$1" | sed -n 's/^ *Build ID: //p')
	mkdir -p "$tmp/www/buildid/$id"
	objcopy --only-keep-debug "$1" "$tmp/www/buildid/$id/debuginfo" && objcopy --strip-debug "$1"
}
if ! gcc -O2 -g -nostdlib -no-pie -Wl,--build-id=sha1 -o "$tmp/tree/vmlinux" "$tmp/k.c" ||
	! gcc -O2 -g -fno-pie -c -mcmodel=kernel -o "$tmp/m.o" "$tmp/k.c" ||
	! ld -r --build-id=sha1 -o "$tmp/served_module.ko" "$tmp/m.o"; then
	echo "not ok debuginfod: the subjects do not compile"
	exit 1
fi
gcc -O2 -g -fPIC -shared -nostdlib -Wl,--build-id=sha1 -o "$tmp/program" "$tmp/k.c" &&
publish "$tmp/program" && publish "$tmp/tree/vmlinux" && publish "$tmp/served_module.ko"

status=0
try() {
	found=0
	"$query" "$tmp/tree" "$2" params served >"$tmp/out" 2>&1 && grep -qF "\$s:struct seen* \$by:long int" "$tmp/out" && found=1
	if [ $found -eq "$3" ]; then
		echo "ok debuginfod/$1"
	else
		echo "not ok debuginfod/$1: $(head -2 "$tmp/out")"
		status=1
	fi
}
unset DEBUGINFOD_URLS
try kernel-unasked kernel 0
try module-unasked "$tmp/served_module.ko" 0
port=$((20000 + $$ % 20000))
busybox httpd -f -p 127.0.0.1:$port -h "$tmp/www" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	busybox wget -q -O /dev/null "http://127.0.0.1:$port/buildid/$id/debuginfo" 2>/dev/null && break
	sleep 0.2
done
DEBUGINFOD_URLS=http://127.0.0.1:$port
export DEBUGINFOD_URLS
try kernel kernel 1
try module "$tmp/served_module.ko" 1
DEBUGINFOD_URLS=http://127.0.0.1:1
rm -rf "$tmp/fetched"
try no-server kernel 0
# What publish gave the server, in folders: FILE and the place for its debuginfo.
unset DEBUGINFOD_URLS
id_of() { eu-readelf -n "$1" | sed -n 's/^ *Build ID: //p'; }
place() { mkdir -p "${2%/*}" && cp "$tmp/www/buildid/$(id_of "$1")/debuginfo" "$2"; }
place "$tmp/tree/vmlinux" "$tmp/debug/boot/vmlinux-9.9.9-test"
place "$tmp/served_module.ko" "$tmp/debug/.build-id/$(id_of "$tmp/served_module.ko" | sed 's,..,&/,').debug"
place "$tmp/program" "$tmp/.beside/program.debug"
try program-unasked "$tmp/program" 0
SYSTEMTAP_DEBUGINFO_PATH=+:.beside:$tmp/debug
export SYSTEMTAP_DEBUGINFO_PATH
try path-kernel kernel 1
try path-module "$tmp/served_module.ko" 1
try path-program "$tmp/program" 1
exit $status
