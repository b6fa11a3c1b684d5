#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rt.sh BUILD KVER KMOD.ko DIR: the runtime's own tests for KVER into DIR, beside the test module KMOD.ko that they
# probe.  As root in a guest: sh DIR/session.sh DIR, sh DIR/context.sh DIR unit_context.
[ $# -eq 4 ] || { echo "usage: rt.sh BUILD KVER KMOD.ko DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
build=$1 kver=$2 kmod=$3 dir=$4
mkdir -p "$dir" && cp "$kmod" "$dir/stap_kmod.ko" || exit 1
offset=0x$(nm "$kmod" | awk '$3 == "kt_tick" { print $1 }')
echo "$offset" > "$dir/offset"
make -s -C "$build" testsuite/rt/unit_build || exit 1
cases=
for n in 1 2 3 4 5 6 7 8 9 10; do cases="$cases $here/unit_errors.c:$n"; done
SYSTEMTAP_RUNTIME=$here/../../runtime "$build/testsuite/rt/unit_build" "$kver" "$dir" "$here/unit_basic.c" "$here/unit_context.c" \
	"$here/unit_module.c:$offset" $cases || exit 1
${CC:-gcc} -Wall -I"$here/../../runtime" -o "$dir/control" "$here/control.c" || exit 1
${CC:-gcc} -Wall -O1 -pthread -o "$dir/context_target" "$here/context_target.c" || exit 1
cp "$here/session.sh" "$here/context.sh" "$dir/"
