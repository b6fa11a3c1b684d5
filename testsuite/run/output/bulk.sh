# A module compiled with -b writes a file per CPU; stap-merge joins them in order of time.
fail() { echo "$*"; exit 1; }
MERGE=$BUILD/stap-merge
cd "$W" || exit 1
"$STAPRUN" "$KO/t_bulk_mod.ko" > out 2> err || fail "$(cat err)"
[ ! -s out ] && [ -s stpd_cpu0 ] && [ -s stpd_cpu1 ] || fail "files: $(ls)"
"$MERGE" stpd_cpu* > merged || fail "stap-merge: $?"
[ "$(head -1 merged)" = begin ] && [ "$(tail -1 merged)" = end ] || fail "merged: $(head -1 merged) to $(tail -1 merged)"
for c in 0 1; do
	grep "^cpu $c" merged | awk '{ if ($3 != NR) { print "cpu " $2 ": " NR " is " $3; exit 1 } }' || fail order
done
[ "$(grep -c ^cpu merged)" -ge 100 ] || fail "$(wc -l < merged) lines"
"$MERGE" -v -o verbose stpd_cpu0 stpd_cpu1 || fail "stap-merge -v: $?"
grep '^\[' verbose | awk -F'[][,]' '{ if ($3 != NR - 1 || $2 > 1) { print; exit 1 } }' || fail "-v"
grep -v '^\[' verbose | cmp -s - merged || fail "-v prints something else"
# Both in one place: the merge is not one file after the other.
[ "$(grep -o '^cpu .' merged | uniq | wc -l)" -gt 2 ] || fail "not interleaved"
"$STAPRUN" -o named "$KO/t_bulk_mod.ko" && [ -s named_0 ] && [ -s named_1 ] || fail "files: $(ls)"
head -c 100 stpd_cpu0 > cut
"$MERGE" cut > out 2> err && fail "a cut file is fine"
grep -q "cut: ends in the middle" err || fail "cut: $(cat err)"
"$MERGE" merged > out 2> err && fail "any file is fine"
exit 0
