# A token goes to and fro between two CPUs: what both print comes out in the order in which it happened.
N=${STAP_VOLUME:-10000}
gcc -O1 -o "$W/token" output/token.c -lpthread || exit 1
"$STAPRUN" -o "$W/out" -c "$W/token $N" "$KO/t_token_mod.ko" 2> "$W/err" || { echo "status $?: $(cat "$W/err")"; exit 1; }
awk -v n="$N" '$2 != NR || $1 != (NR + 1) % 2 { print "line " NR " is " $0; bad = 1; exit }
	END { if (!bad && NR != n) { print NR " steps"; bad = 1 } exit bad }' "$W/out" || exit 1
[ ! -s "$W/err" ] || { cat "$W/err"; exit 1; }
echo "$N steps in true order"
