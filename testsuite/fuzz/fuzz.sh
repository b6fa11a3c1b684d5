#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh BUILD SECONDS [TARGET...]: fuzz parse, translate, regex, format or records for SECONDS each, one after the
# other, with libFuzzer, ASan and UBSan (Debian: clang).  Limits: 60 s (on a busy machine) and 512 MB an input.  The corpus
# and what was found stay in BUILD/fuzz; an input that found something belongs into testsuite/fuzz/found/TARGET,
# where it is a seed, beside a test of its own.
src=$(cd "$(dirname "$0")/../.." && pwd) build=$1 out=$1/fuzz seconds=$2
[ $# -ge 2 ] || { sed -n '3,6s/^# //p' "$0" >&2; exit 2; }
shift 2
mkdir -p "$out" || exit 1
flags="-g -O1 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined -std=gnu11 -D_GNU_SOURCE -w
	-I$src/translator -I$src/runtime -I$src -DSRCDIR=\"$src\" -DBUILDDIR=\"$build\" -DPKGDATADIR=\"$src\""

rooms() { for r in "$@"; do echo "$src/translator/$r"/*.c; done; }

sources() {
	case $1 in
	parse) rooms base syntax ;;
	translate) rooms base session syntax program library sema ir opt cgen regex
		echo "$src/testsuite/unit/world.c"
		for f in absent been never timer; do echo "$src/translator/family/$f.c"; done ;;
	regex) rooms base regex ;;
	format) echo "$src/runtime/data/format.c" ;;
	records) echo "$src/stapio/format.c" "$src/stapio/json.c" "$src/stapio/stream.c" "$src/runtime/data/format.c" ;;
	esac
}

seeds() {
	case $1 in
	parse | translate)
		for d in parseok parseko semok semko transok transko run/language; do
			for f in "$src/testsuite/$d"/*.stp; do
				cp "$f" "$out/$1.corpus/$(basename "$d")-$(basename "$f")"
			done
		done ;;
	regex) printf '^a[[:alpha:]]*(b|c){2,3}$\nabcb' > "$out/$1.corpus/one"; printf '[^x-z]+\\.?\nabc' > "$out/$1.corpus/two" ;;
	format) printf 'abcdefgh\100%%-5d %%*.*x %%p %%4b %%c %%8m %%%%' > "$out/$1.corpus/one" ;;
	esac
	[ ! -d "$src/testsuite/fuzz/found/$1" ] || cp "$src/testsuite/fuzz/found/$1"/* "$out/$1.corpus"
}

# The number named $2 at the end of the log of $1.
figure() { sed -n "s/^stat::$2: *//p" "$out/$1.log"; }

status=0
for t in ${*:-parse translate regex format}; do
	mkdir -p "$out/$t.corpus" "$out/$t.found"
	clang $flags -fsanitize=fuzzer -o "$out/$t" "$src/testsuite/fuzz/fuzz_$t.c" $(sources "$t") || exit 1
	seeds "$t"
	ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=8 nice -n 19 "$out/$t" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=512 -malloc_limit_mb=256 \
		-max_len=4096 -artifact_prefix="$out/$t.found/" -print_final_stats=1 "$out/$t.corpus" > "$out/$t.log" 2>&1 || {
		echo "not ok fuzz/$t: see $out/$t.log"; status=1; continue; }
	echo "ok fuzz/$t: $(figure "$t" number_of_executed_units) inputs, whole seconds of the slowest: $(figure "$t" slowest_unit_time_sec)," \
		"peak $(figure "$t" peak_rss_mb) MB"
done
exit $status
