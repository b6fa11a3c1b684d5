# --keep-going: errors, full arrays, cut strings and a probe that takes too long do not end the session; a table tells.
"$STAPRUN" -c "dd if=/dev/zero of=/dev/null bs=1 count=30000" "$KO/t_kept_mod.ko" > "$W/out" 2> "$W/err" ||
	{ echo "exit status $?: $(head -3 "$W/err")"; exit 1; }
[ "$(cat "$W/out")" = "0 1 2 3 15" ] || { echo "output: $(cat "$W/out" "$W/err")"; exit 1; }
want() { grep -qE "$1" "$W/err" || { echo "no line like '$1': $(cat "$W/err")"; exit 1; }; }
n='[0-9]+ +' some='[1-9][0-9]* +'
want '^ +hits +errors +lock +reentry +stack +missed +off +cut +lost +probe$'
want "^ *([1-9][0-9]*) +\\1 +$n$n$n${n}${n}0 +0 +timer.ms\\(10\\) "
want "^ *${some}0 +$n$n$n$n$n${some}0 +timer.ms\\(15\\) "
want "^ *${some}0 +$n$n$n$n${some}0 +0 +kernel.function.*: took too much time and was turned off$"
# A processor that its host takes away for long counts as a handler's time, so a timer may be turned off as well.
! grep 'turned off' "$W/err" | grep -qvE 'kernel.function|timer.ms' || { echo "turned off: $(grep 'turned off' "$W/err")"; exit 1; }
want '^ *4 +6 +[0-9]+ +full$'
# The same as records of JSON.
"$STAPRUN" --json -c "dd if=/dev/zero of=/dev/null bs=1 count=30000" "$KO/t_kept_mod.ko" > "$W/out" 2> "$W/err" ||
	{ echo "json: exit status $?: $(head -3 "$W/err")"; exit 1; }
for re in '^\{"report":\{"probe":"timer.ms\(10\)".*"errors":[1-9]' '^\{"report":\{"probe":"kernel.function.*"off":true\}\}$' \
	'^\{"report":\{"array":"full","elements":4,"refused":6,' '^\{"end":'; do
	grep -qE "$re" "$W/out" || { echo "json: no line like '$re': $(tail -8 "$W/out")"; exit 1; }
done
! grep -q '^ *hits' "$W/err" || { echo "json: a table beside it: $(cat "$W/err")"; exit 1; }
