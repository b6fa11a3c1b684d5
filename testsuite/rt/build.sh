#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh KVER UNIT.c OUTDIR: a module of the runtime and a hand-written unit, by plain kbuild.
set -e
[ $# -eq 3 ] || { echo "usage: build.sh KVER UNIT.c OUTDIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
unit=$(basename "$2" .c)
mkdir -p "$3"
cp -rpu "$here/../../runtime/." "$3/"
cp -pu "$here/Kbuild" "$3/Kbuild"
cmp -s "$2" "$3/unit.c" || cp "$2" "$3/unit.c"
exec make -s -C "/usr/src/linux-headers-$1" M="$3" UNIT="$unit" modules
