#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh KVER OUTDIR UNIT.c...: a module OUTDIR/UNIT.ko for each, of the runtime and a hand-written
# unit, by plain kbuild.  A unit of several cases is written UNIT.c:CASE and becomes UNIT_CASE.ko.
set -e
[ $# -ge 3 ] || { echo "usage: build.sh KVER OUTDIR UNIT.c[:CASE]..." >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
kver=$1 out=$2 units=
shift 2
mkdir -p "$out/unit"
cp -rpu "$here/../../runtime/." "$out/"
cp -pu "$here/Kbuild" "$out/Kbuild"
for u; do
	file=${u%:*} case=${u##*:}
	name=$(basename "$file" .c)
	if [ "$file" != "$u" ]; then
		name=${name}_$case
		{ echo "#define CASE $case"; cat "$file"; } > "$out/unit/new"
	else
		cat "$file" > "$out/unit/new"
	fi
	cmp -s "$out/unit/new" "$out/unit/$name.c" || mv "$out/unit/new" "$out/unit/$name.c"
	rm -f "$out/unit/new"
	units="$units $name"
done
exec make -s -C "/usr/src/linux-headers-$kver" M="$out" UNITS="${units# }" modules
