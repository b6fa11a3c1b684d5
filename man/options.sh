#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# options.sh OPTIONS.DEF PAGE.in: the page on standard output, with @OPTIONS@, @ACCEPTED@ and @REFUSED@ filled in
# from the table that getopt and --help are made from.
[ $# = 2 ] || { echo "usage: $0 options.def page.in" >&2; exit 2; }
exec awk '
function unquote(s) {
	gsub(/^[" \t]+|"$/, "", s)
	gsub(/\\"/, "\"", s)
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	return s
}
function names(letter, long, arg) {
	s = ""
	if (letter != "")
		s = "\\-" letter (arg != "" ? "\\fR \\fI" unquote(arg) "\\fB" : "")
	if (long != "")
		s = s (s != "" ? ", " : "") "\\-\\-" unquote(long) (arg != "" ? "=\\fI" unquote(arg) "\\fB" : "")
	return s
}
# The fields of a row: a letter or nothing, a long name or nothing, and what is left.
function split_row(row) {
	letter = long = ""
	if (match(row, /^'\''.'\'',[ \t]*/))
		letter = substr(row, 2, 1)
	else
		match(row, /^0,[ \t]*/)
	row = substr(row, RLENGTH + 1)
	match(row, /^(NULL|"[^"]*"),[ \t]*/)
	long = substr(row, 1, RLENGTH)
	sub(/,[ \t]*$/, "", long)
	if (long == "NULL")
		long = ""
	rest = substr(row, RLENGTH + 1)
}
FNR == NR && /^OPTION\(/ {
	sub(/^OPTION\([A-Z_]*,[ \t]*/, "")
	sub(/\)[ \t]*$/, "")
	split_row($0)
	match(rest, /^(NULL|"[^"]*"),[ \t]*/)
	arg = substr(rest, 1, RLENGTH)
	sub(/,[ \t]*$/, "", arg)
	text = unquote(substr(rest, RLENGTH + 1))
	options = options ".TP\n.B " names(letter, long, arg == "NULL" ? "" : arg) "\n" text "\n"
}
FNR == NR && /^OTHER\(/ {
	sub(/^OTHER\(/, "")
	sub(/\)[ \t]*(\/\*.*)?$/, "")
	split_row($0)
	sub(/^[a-z_]*,[ \t]*/, "", rest)
	if (rest ~ /^NULL/)
		accepted = accepted (accepted ? " ,\n" : "") ".BR \"" names(letter, long, "") "\""
	else
		refused = refused ".TP\n.B " names(letter, long, "") "\n" unquote(rest) "\n"
}
FNR == NR { next }
$0 == "@OPTIONS@" { printf "%s", options; next }
$0 == "@ACCEPTED@" { print accepted; next }
$0 == "@REFUSED@" { printf "%s", refused; next }
{ print }
' "$1" "$2"
