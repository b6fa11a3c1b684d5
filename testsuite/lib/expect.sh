# SPDX-License-Identifier: GPL-2.0-or-later
# For tests that look at what stap prints: $stap for kernel $k, in lines of $area.  $failed becomes 1 when one does not
# pass.
failed=0

# expect NAME PATTERN ARGS...: all that it prints, lines joined by `|` and $tmp as T, matches the extended regular
# expression.
expect() {
	name=$1 pattern=$2
	shift 2
	out=$(timeout 120 "$stap" -r "$k" "$@" 2>&1 | sed "s,$tmp,T,g" | tr '\n' '|')
	if printf '%s\n' "$out" | grep -Eq -- "$pattern"; then
		echo "ok $area $name"
	else
		echo "not ok $area $name: printed $(printf '%.400s' "$out")"
		failed=1
	fi
}
