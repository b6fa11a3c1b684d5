# SPDX-License-Identifier: GPL-2.0-or-later
# pfunct's "const char  * f(struct s * a, int (*fn)(void *));" to "f $a:struct s* ... $return:T",
# blanks and the place of const made the same as in ours.awk's output.
function squeeze(t) {
	gsub(/[ \t]+/, " ", t)
	gsub(/ ?\* ?/, "*", t)
	gsub(/ ?\( ?/, "(", t)
	gsub(/ ?\) ?/, ")", t)
	gsub(/ ?, ?/, ",", t)
	sub(/^ /, "", t)
	sub(/ $/, "", t)
	return t
}
# Qualifiers in front of the first word go behind the base type: "const char*" is "char const*".
function qualify(t,   q, at) {
	while (match(t, /^(const|volatile) /)) {
		q = " " substr(t, 1, RLENGTH - 1) q
		t = substr(t, RLENGTH + 1)
	}
	at = match(t, /[*(\[]/)
	t = at ? substr(t, 1, at - 1) q substr(t, at) : t q
	return t
}
# Parameters of function pointers too.
function type(t,   open, inner, i, n, part, out) {
	t = squeeze(t)
	if (match(t, /\(\*+\)\(/)) {
		open = RSTART + RLENGTH - 1
		inner = substr(t, open + 1, length(t) - open - 1)
		n = split(inner, part, ",")
		if (inner ~ /\(/)
			return qualify(t)
		for (i = 1; i <= n; i++)
			out = out (i > 1 ? "," : "") qualify(part[i])
		return qualify(substr(t, 1, open - 1)) "(" out ")"
	}
	return qualify(t)
}
function parameter(p,   name, t) {
	p = squeeze(p)
	if (match(p, /\(\*+[A-Za-z_][A-Za-z_0-9]*\)/)) {
		name = substr(p, RSTART, RLENGTH)
		gsub(/[(*)]/, "", name)
		t = p
		sub("\\*" name "\\)", "*)", t)
	} else if (match(p, /[A-Za-z_][A-Za-z_0-9]*$/)) {
		name = substr(p, RSTART)
		t = substr(p, 1, RSTART - 1)
	} else {
		return ""
	}
	return " $" name ":" type(t)
}
{
	line = $0
	sub(/;[ \t]*$/, "", line)
	# Functions that return pointers to functions, and variable arguments, are left to readelf.
	if (line ~ /\.\.\./ || !match(line, /[A-Za-z_][A-Za-z_0-9]*\(/))
		next
	sub(/^(static |inline |extern )*/, "", line)
	match(line, /[A-Za-z_][A-Za-z_0-9]*\(/)
	ret = substr(line, 1, RSTART - 1)
	name = substr(line, RSTART, RLENGTH - 1)
	args = substr(line, RSTART + RLENGTH)
	if (ret == "" || ret ~ /\(/)
		next
	sub(/\)$/, "", args)
	out = name
	depth = 0
	cur = ""
	for (i = 1; i <= length(args); i++) {
		c = substr(args, i, 1)
		depth += (c == "(") - (c == ")")
		if (c == "," && !depth) {
			out = out parameter(cur)
			cur = ""
		} else {
			cur = cur c
		}
	}
	if (squeeze(cur) != "void" && cur != "")
		out = out parameter(cur)
	print out " $return:" type(ret)
}
