# Values of every kind read back against what the compiler of the module says.
insmod "$KO/stap_values.ko" || exit 1
"$STAPRUN" -c "echo 1 > /sys/kernel/debug/stap_values/call" "$KO/t_values_mod.ko" > "$W/out" 2> "$W/err" || { cat "$W/err"; rmmod stap_values; exit 1; }
cat /sys/kernel/debug/stap_values/expect > "$W/want"
rmmod stap_values
cat >> "$W/want" <<'WANT'
by value -5 6, -300 -7 250, -2 5; wide 0
pair -201 249; at entry -300
large 10000000000 -1099511627776 {.v=[...]}
small -5 5 105
seven 1 -2 3 -4 5 -6 7 one
percpu -4711 815
flex 12 1
array 99
WANT
# What depends on the kernel's compiler is looked for, not compared.
grep -v "^p=\|^pair 3000" "$W/out" > "$W/got"
grep -q '^p={.a=-5, .b=6} s={.x=-300,.*} l={.v=\[...\]} wide=?$' "$W/out" || { grep '^p=' "$W/out"; exit 1; }
cmp -s "$W/got" "$W/want" || { diff "$W/want" "$W/got" | head -6; cat "$W/err"; exit 1; }
grep -q '^pair 3000 -[0-9]*, other' "$W/out" || grep -q '^pair 3000 [0-9]*, other' "$W/out" || { echo "no locals"; exit 1; }
[ -s "$W/err" ] && { cat "$W/err"; exit 1; }
true
