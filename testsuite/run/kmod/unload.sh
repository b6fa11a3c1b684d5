# A module that was there at the start is unloaded while its functions are armed, and comes again.
insmod "$KO/stap_late.ko" || exit 1
"$STAPRUN" -c "rmmod stap_late; insmod $KO/stap_late.ko && rmmod stap_late" "$KO/t_late.ko" > "$W/out" 2> "$W/err" || { cat "$W/err"; exit 1; }
{ sed -n 6,7p kmod/late.out; sed -n 1,7p kmod/late.out; } > "$W/want"
cmp -s "$W/out" "$W/want" || { diff "$W/want" "$W/out"; exit 1; }
[ -s "$W/err" ] && { cat "$W/err"; exit 1; }
true
