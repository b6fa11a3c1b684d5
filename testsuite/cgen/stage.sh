#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stage.sh SRC BUILD: what pass 3 makes of each script here.  NAME.ir is the optimised IR, NAME.unit the
# unit; the kernel's identity, the only part that depends on the machine, is taken out.  The unit is
# made again from another directory, under another locale and without the cache, and must be the same.
# BLESS=1 writes the golden files.
here=$1/testsuite/cgen
stap=$2/stap
. "$1/testsuite/lib/setup.sh"
own_folder
status=0

plain() {
	grep -v -e '\.kernel_release = ' -e '\.kernel_build_id = ' -e '\.anchor_address = '
}

same() {	# NAME WANTED GOT
	[ -z "$BLESS" ] || cp "$3" "$2"
	if cmp -s "$2" "$3"; then
		echo "ok $1"
	else
		echo "not ok $1: differs from $2"
		diff -u "$2" "$3" | head -20
		status=1
	fi
}

for script in "$here"/*.stp; do
	name=$(basename "$script" .stp)
	mkdir -p "$tmp/a"
	cp "$script" "$tmp/a/$name.stp"
	(cd "$tmp/a" && "$stap" -g --dump=opt "$name.stp") > "$tmp/ir" 2> "$tmp/err" ||
		{ echo "not ok cgen/$name: stap failed"; cat "$tmp/err"; status=1; continue; }
	same "cgen/$name.ir" "$here/$name.ir" "$tmp/ir"
	(cd "$tmp/a" && "$stap" -g -p3 "$name.stp") 2> "$tmp/err" | plain > "$tmp/c"
	same "cgen/$name.unit" "$here/$name.unit" "$tmp/c"
	cp -r "$tmp/a" "$tmp/b"
	(cd "$tmp/b" && LC_ALL=tr_TR.UTF-8 "$stap" -g --disable-cache -p3 "$name.stp") 2> "$tmp/err" | plain > "$tmp/again"
	if cmp -s "$tmp/c" "$tmp/again"; then
		echo "ok cgen/$name from another directory"
	else
		echo "not ok cgen/$name from another directory: the unit differs"
		status=1
	fi
	rm -rf "$tmp/b"
done
exit $status
