# SPDX-License-Identifier: GPL-2.0-or-later
# eu-readelf --debug-dump=info to "f $a:T ... $return:T" for every subprogram with code: a reader of
# DWARF that has nothing in common with ours but the file.
function ref(s) { sub(/.*\[ */, "", s); sub(/\].*/, "", s); return s }
function quoted(s) { sub(/^[^"]*"/, "", s); sub(/"[^"]*$/, "", s); return s }

/^ *\[ *[0-9a-f]+\] +[a-zA-Z_]+ +abbrev:/ {
	die = $0; sub(/^ *\[ */, "", die); sub(/\].*/, "", die)
	rest = $0; sub(/^ *\[ *[0-9a-f]+\]/, "", rest)
	match(rest, /^ +/); depth = RLENGTH
	tag[die] = $0; sub(/^ *\[ *[0-9a-f]+\] +/, "", tag[die]); sub(/ .*/, "", tag[die])
	while (top && at[top] >= depth)
		top--
	parent = top ? stack[top] : ""
	stack[++top] = die; at[top] = depth
	if (parent != "")
		kids[parent] = kids[parent] " " die
	if (tag[die] == "subprogram")
		subs[++nsubs] = die
	next
}
$1 == "name" { name[die] = quoted($0) }
$1 == "type" { type[die] = ref($0) }
$1 == "abstract_origin" || $1 == "specification" { origin[die] = ref($0) }
$1 == "low_pc" || $1 == "ranges" { code[die] = 1 }
$1 == "count" && !/location/ { n = $0; sub(/.*\) /, "", n); bound[die] = n + 0; counted[die] = 1 }
$1 == "upper_bound" && !/exprloc/ { n = $0; sub(/.*\) /, "", n); bound[die] = n + 1; counted[die] = 1 }
$1 == "prototyped" { proto[die] = 1 }

function attr_type(d) { while (d != "" && !(d in type)) d = origin[d]; return d == "" ? "" : type[d] }
function attr_name(d) { while (d != "" && !(d in name)) d = origin[d]; return d == "" ? "" : name[d] }

function params(d,   k, n, i, out) {
	n = split(kids[d], k, " ")
	for (i = 1; i <= n; i++)
		if (tag[k[i]] == "formal_parameter")
			out = out (out == "" ? "" : ", ") text(attr_type(k[i]))
	return "(" (out == "" ? "void" : out) ")"
}
function dimension(d) { return counted[d] && bound[d] > 0 ? bound[d] : "" }

# C declaration text: DECL surrounds the place of the name, QUALS wait for the base.
function text(d,   decl, quals, t, k, n, i, word) {
	while (d != "") {
		t = tag[d]
		if (t == "pointer_type") {
			decl = "*" quals decl
			quals = ""
			word = type[d]
			while (word != "" && tag[word] ~ /^(const|volatile)_type$/)
				word = type[word]
			if (word != "" && tag[word] ~ /^(array|subroutine)_type$/)
				decl = "(" decl ")"
		} else if (t == "const_type" || t == "volatile_type") {
			quals = quals (t == "const_type" ? " const" : " volatile")
		} else if (t == "array_type") {
			n = split(kids[d], k, " ")
			for (i = 1; i <= n; i++)
				if (tag[k[i]] == "subrange_type")
					decl = decl "[" dimension(k[i]) "]"
		} else if (t == "subroutine_type") {
			decl = decl params(d)
		} else if (t != "restrict_type") {
			break
		}
		d = type[d]
	}
	if (d == "")
		word = "void"
	else {
		t = tag[d]
		word = ""
		if (t == "structure_type")
			word = "struct "
		else if (t == "union_type")
			word = "union "
		else if (t == "enumeration_type")
			word = "enum "
		word = word (d in name ? name[d] : "{...}")
	}
	return word quals (substr(decl, 1, 1) == "(" ? " " : "") decl
}
END {
	for (s = 1; s <= nsubs; s++) {
		d = subs[s]
		if (!code[d])
			continue
		from = d in origin ? origin[d] : d
		line = attr_name(d)
		n = split(kids[from], k, " ")
		for (i = 1; i <= n; i++)
			if (tag[k[i]] == "formal_parameter")
				line = line " $" attr_name(k[i]) ":" text(attr_type(k[i]))
		print line " $return:" text(attr_type(d))
	}
}
