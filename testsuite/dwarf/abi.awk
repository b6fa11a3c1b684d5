# SPDX-License-Identifier: GPL-2.0-or-later
# Places of parameters at a function's entry (dbgquery places) against the System V ABI for x86-64,
# 3.2.3: integers and pointers go in rdi, rsi, rdx, rcx, r8, r9 (DWARF 5 4 1 2 8 9), then on the
# stack above the return address.  Functions with parameters of other classes are passed over, so
# are clones, whose parameters were changed, and those that return through a hidden pointer.
BEGIN { split("5 4 1 2 8 9", reg, " ") }
function judge(   i, want) {
	if (!usable)
		return
	for (i = 1; i <= n; i++) {
		if (place[i] ~ /^none/)
			continue
		want = i <= 6 ? "= reg" reg[i] : "at (reg7 + " 8 * (i - 6) ")"
		if (place[i] != want)
			print name ": parameter " i " is " place[i] ", the ABI says " want
	}
}
/^[^ ]/ { judge(); name = $1; usable = $2 == "plain"; n = 0; next }
$1 == "param" { size = $2; sub(/^ *param [0-9?]* /, ""); if (size + 0 > 8 || size == "?") usable = 0; place[++n] = $0 }
END { judge() }
