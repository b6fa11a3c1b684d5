# SPDX-License-Identifier: GPL-2.0-or-later
# dbgquery's lines with the blanks of types taken out where prototype.awk takes them out.
{
	gsub(/ \(/, "(")
	gsub(/, /, ",")
	gsub(/\* const/, "*const")
	print
}
