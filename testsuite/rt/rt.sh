#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rt.sh KVER DIR [GUEST-COMMAND...]: builds the runtime's own tests for KVER into DIR (kept between runs)
# and runs them through GUEST-COMMAND, which is to run its arguments as root in a guest; without one,
# says how to run them.
[ $# -ge 2 ] || { echo "usage: rt.sh KVER DIR [GUEST-COMMAND...]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
kver=$1
mkdir -p "$2/kmod" && dir=$(cd "$2" && pwd) || exit 2
shift 2
cp -pu "$here"/../kmod/* "$dir/kmod/" && make -s -C "/usr/src/linux-headers-$kver" M="$dir/kmod" modules || exit 1
cp "$dir/kmod/stap_kmod.ko" "$dir/" || exit 1
offset=0x$(nm "$dir/stap_kmod.ko" | awk '$3 == "kt_tick" { print $1 }')
echo "$offset" > "$dir/offset"
set -- "$dir" "$@"
cases=
for n in 1 2 3 4 5 6 7 8 9 10; do cases="$cases $here/unit_errors.c:$n"; done
"$here/build.sh" "$kver" "$dir" "$here/unit_basic.c" "$here/unit_context.c" "$here/unit_module.c:$offset" $cases > "$dir/build.log" 2>&1 ||
	{ cat "$dir/build.log"; exit 1; }
${CC:-gcc} -Wall -I"$here/../../runtime" -o "$dir/control" "$here/control.c" || exit 1
${CC:-gcc} -Wall -O1 -pthread -o "$dir/context_target" "$here/context_target.c" || exit 1
cp "$here/session.sh" "$here/context.sh" "$dir/"
shift
if [ $# -gt 0 ]; then exec "$@" sh "$dir/session.sh" "$dir"; fi
echo "now, as root in a guest: sh $dir/session.sh $dir"
