# What prints elsewhere, later or not at all: speculation, system(), ftrace(), printk(), env_var(), abort().
fail() { echo "$*"; exit 1; }
T=/sys/kernel/debug/tracing
echo > $T/trace
STAP_TEST="some value" "$STAPRUN" "$KO/t_functions_mod.ko" > "$W/out" 2> "$W/err" || fail "$(cat "$W/err")"
cat > "$W/want" <<'X'
a1
a2
1
<some value> <> <>
logged
with newline

said so
Assertion failed
after system()
end
X
grep -vxE 'from system|42|0' "$W/out" | diff "$W/want" - || fail "prints something else"
[ "$(grep -xE 'from system|42|0' "$W/out" | tr '\n' ' ')" = "from system 42 0 " ] || fail "system(): $(cat "$W/out")"
grep -q "a line for ftrace" $T/trace || fail "ftrace: $(tail -3 $T/trace)"
dmesg | grep -q "a line for the log" || fail "printk: $(dmesg | tail -3)"
"$STAPRUN" "$KO/t_functions_mod.ko" phase=abort > "$W/out" 2> "$W/err" || fail "abort: $? $(cat "$W/err")"
! grep -E 'caught|not left' "$W/out" || fail "abort() did not"
grep -qx end "$W/out" && [ ! -s "$W/err" ] || fail "abort: $(cat "$W/err")"
exit 0
