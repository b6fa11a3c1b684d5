# Variables of the script set on staprun's command line, and what cannot be set.
M=$KO/t_variables_mod.ko
is() { want=$1; shift; got=$("$STAPRUN" "$@" 2>&1); [ "$got" = "$want" ] || { echo "$*: $got, not $want"; exit 1; }; }
refused() {
	re=$1; shift
	"$STAPRUN" "$@" > "$W/out" 2> "$W/err" && { echo "$*: accepted"; exit 1; }
	grep -qE -- "$re" "$W/err" && [ ! -s "$W/out" ] || { echo "$*: $(head -2 "$W/err")"; exit 1; }
	! grep -q t_variables /proc/modules || { echo "$*: still loaded"; exit 1; }
}
is '5 <text> 0 <> -1' "$M"
is '-7 <a b!> 9 <> -1' "$M" n=-7 "s=a b!" unset=9
is '255 <> 0 <> -1' "$M" n=0xff s=
is '5 <text> 0 <ssh://box> 3' -u -r 3:ssh://box "$M"
refused 'no global variable none' "$M" none=1
refused 'n .* cannot be set to x: it is a number' "$M" n=x
refused 'a .* cannot be set .*array' "$M" a=1
refused 'MAXSTRINGLEN' "$M" "s=$(head -c 600 /dev/zero | tr '\0' x)"
refused 'NAME=VALUE; options stand before' "$M" -v
refused '-b 5000: a number of megabytes' -b 5000 "$M"
refused '-T x: a number of milliseconds' -T x "$M"
refused '-r 3: NUMBER:URI is needed' -r 3 "$M"
refused 'monitor' -M 1 "$M"
exit 0
