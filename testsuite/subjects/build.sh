#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh DIR: the programs that tests of process probes run, in DIR: subject; subject0, without optimisation;
# stripped, with its dynamic symbols alone; libsubject.so.1.  And workloads of others: compilers are slow in guests.
cd "$(dirname "$0")" || exit 1
D=$1
mkdir -p "$D" || exit 1
flags="-g -gdwarf-5 -Wall -pthread"
gcc $flags -O2 -fPIC -shared -Wl,-soname,libsubject.so.1 lib.c -o "$D/libsubject.so.1" &&
gcc $flags -O2 subject.c -o "$D/subject" "$D/libsubject.so.1" -Wl,-rpath,'$ORIGIN' &&
gcc $flags -O0 subject.c -o "$D/subject0" "$D/libsubject.so.1" -Wl,-rpath,'$ORIGIN' &&
gcc -O2 -pthread -rdynamic subject.c -o "$D/stripped" "$D/libsubject.so.1" -Wl,-rpath,'$ORIGIN' &&
strip "$D/stripped" &&
gcc -Wall -O1 ../run/probes/parts.c -o "$D/parts" &&
gcc -Wall -O1 ../run/probes/stops.c -o "$D/stops"
