// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source file names: the number in DW_AT_decl_file to a path without the build's prefix.
 *
 * The tables stand in the header of a unit's line program (.debug_line; DWARF 5 section 6.2.4,
 * versions 2 to 5).  libdw 0.188 gives them only after decoding the whole program, which for all
 * units of a kernel takes seconds, so the header is read here; every byte is taken through a cursor
 * that knows the end of its section.
 */
#include <string.h>

#include "dbginfo/private.h"

struct cursor {
	const unsigned char *p, *end;
	bool bad;
	bool wide;		/* 64-bit DWARF */
};

static uint64_t take(struct cursor *c, unsigned n)
{
	uint64_t v = 0;

	if (c->bad || (size_t)(c->end - c->p) < n) {
		c->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)c->p[i] << (8 * i);
	c->p += n;
	return v;
}

static uint64_t take_uleb(struct cursor *c)
{
	uint64_t v = 0;

	c->bad = c->bad || !row_take(&c->p, c->end, &v);
	return v;
}

static void skip(struct cursor *c, uint64_t n)
{
	if (c->bad || (uint64_t)(c->end - c->p) < n)
		c->bad = true;
	else
		c->p += n;
}

static const char *take_string(struct cursor *c)
{
	const unsigned char *nul = c->bad ? NULL : memchr(c->p, 0, c->end - c->p);
	const char *s = (const char *)c->p;

	if (!nul) {
		c->bad = true;
		return "";
	}
	c->p = nul + 1;
	return s;
}

Elf_Scn *obj_section(Elf *elf, const char *name, GElf_Shdr *sh)
{
	size_t strndx;
	Elf_Scn *scn = NULL;

	if (!elf || elf_getshdrstrndx(elf, &strndx))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *n;

		if (!gelf_getshdr(scn, sh))
			continue;
		n = elf_strptr(elf, strndx, sh->sh_name);
		if (n && !strcmp(n, name))
			return scn;
	}
	return NULL;
}

const struct bytes *section_bytes(struct dbg_object *o, struct bytes *kept, const char *name)
{
	if (!kept->read) {
		GElf_Shdr sh;
		Elf_Scn *scn = obj_open(o) && o->dw ? obj_section(dwarf_getelf(o->dw), name, &sh) : NULL;
		Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;

		kept->read = true;
		if (data && data->d_buf) {
			kept->p = data->d_buf;
			kept->n = data->d_size;
		}
	}
	return kept;
}

/* Cursor over a debug section from OFF to its end. */
static bool section_from(struct dbg_object *o, struct bytes *kept, const char *name, uint64_t off,
			 struct cursor *ret)
{
	section_bytes(o, kept, name);
	if (off >= kept->n)
		return false;
	*ret = (struct cursor){ .p = kept->p + off, .end = kept->p + kept->n };
	return true;
}

static const char *string_at(struct dbg_object *o, struct bytes *kept, const char *section,
			     uint64_t off)
{
	struct cursor c;

	return section_from(o, kept, section, off, &c) ? take_string(&c) : "";
}

/* One value of a DWARF 5 entry format: text into *str, or a number. */
static uint64_t take_form(struct dbg_object *o, struct cursor *c, uint64_t form, const char **str)
{
	switch (form) {
	case DW_FORM_string:
		*str = take_string(c);
		return 0;
	case DW_FORM_line_strp:
		*str = string_at(o, &o->line_str, ".debug_line_str", take(c, c->wide ? 8 : 4));
		return 0;
	case DW_FORM_strp:
		*str = string_at(o, &o->str, ".debug_str", take(c, c->wide ? 8 : 4));
		return 0;
	case DW_FORM_udata:	return take_uleb(c);
	case DW_FORM_data1:	return take(c, 1);
	case DW_FORM_data2:	return take(c, 2);
	case DW_FORM_data4:	return take(c, 4);
	case DW_FORM_data8:	return take(c, 8);
	case DW_FORM_data16:	skip(c, 16); return 0;
	case DW_FORM_block:	skip(c, take_uleb(c)); return 0;
	default:
		c->bad = true;
		return 0;
	}
}

struct entry { const char *name; uint64_t dir; };
struct entries { struct entry *v; size_t n, cap; };

static void read_v5(struct dbg_object *o, struct cursor *c, struct arena *a, struct entries *ret)
{
	unsigned nformat = take(c, 1);
	uint64_t type[16], form[16], n;

	for (unsigned i = 0; i < nformat; i++) {
		uint64_t t = take_uleb(c), f = take_uleb(c);

		if (i < 16) {
			type[i] = t;
			form[i] = f;
		}
	}
	n = take_uleb(c);
	if (nformat == 0 || nformat > 16)
		c->bad = c->bad || n;
	for (uint64_t k = 0; k < n && !c->bad; k++) {
		struct entry e = { "", 0 };

		for (unsigned i = 0; i < nformat; i++) {
			const char *s = "";
			uint64_t v = take_form(o, c, form[i], &s);

			if (type[i] == DW_LNCT_path)
				e.name = s;
			else if (type[i] == DW_LNCT_directory_index)
				e.dir = v;
		}
		*vec_add(a, ret) = e;
	}
}

/* Versions 2 to 4 number directories and files from 1; entry 0 is the unit itself. */
static void read_old(struct cursor *c, struct arena *a, struct entries *dirs, struct entries *files)
{
	const char *s;

	vec_add(a, dirs)->name = "";
	while (!c->bad && *(s = take_string(c)))
		vec_add(a, dirs)->name = s;
	vec_add(a, files)->name = "";
	while (!c->bad && *(s = take_string(c))) {
		struct entry *e = vec_add(a, files);

		e->name = s;
		e->dir = take_uleb(c);
		take_uleb(c);
		take_uleb(c);
	}
}

static bool read_header(struct dbg_object *o, uint64_t off, struct arena *a, struct entries *dirs,
			struct entries *files)
{
	struct cursor c;
	uint64_t len;
	unsigned version, opcodes;

	if (!section_from(o, &o->line, ".debug_line", off, &c))
		return false;
	len = take(&c, 4);
	if (len == 0xffffffff) {
		c.wide = true;
		len = take(&c, 8);
	}
	if (len < (uint64_t)(c.end - c.p))
		c.end = c.p + len;
	version = take(&c, 2);
	if (version < 2 || version > 5)
		return false;
	if (version == 5)
		take(&c, 2);			/* address and segment selector size */
	take(&c, c.wide ? 8 : 4);		/* header length */
	skip(&c, version >= 4 ? 5 : 4);		/* up to line_range */
	opcodes = take(&c, 1);
	skip(&c, opcodes ? opcodes - 1 : 0);
	if (version == 5) {
		read_v5(o, &c, a, dirs);
		read_v5(o, &c, a, files);
	} else {
		read_old(&c, a, dirs, files);
	}
	return !c.bad;
}

/* "a/./b/../c" to "a/c", in place. */
static void tidy(char *path)
{
	char *out = path, *in = path, *floor = path + (*path == '/');

	while (*in) {
		size_t n = strcspn(in, "/");

		if (n == 0 || (n == 1 && in[0] == '.')) {
			if (in == path && *in == '/')
				*out++ = '/';
		} else if (n == 2 && in[0] == '.' && in[1] == '.' && out > floor) {
			for (out--; out > floor && out[-1] != '/'; out--)
				;
		} else {
			memmove(out, in, n);
			out += n;
			if (in[n])
				*out++ = '/';
		}
		in += n + (in[n] == '/');
	}
	*out = 0;
}

/*
 * PATH without what it shares with the directory of compilation: the unit was built in the source
 * tree or in a folder below or beside it.  Two components at least, so that "/usr" alone is kept.
 */
static const char *without_prefix(const char *path, const char *dir)
{
	size_t same = 0, parts = 0;

	if (path[0] != '/' || dir[0] != '/')
		return path;
	for (size_t i = 1; ; i++) {
		bool end_p = path[i] == '/', end_d = dir[i] == '/' || !dir[i];

		if (end_p && end_d) {
			same = i;
			parts++;
		}
		if (!dir[i] || path[i] != dir[i])
			break;
	}
	return parts >= 2 ? path + same + 1 : path;
}

static const char *keep(struct dbg_object *o, const char *path)
{
	const char *had = strmap_get(&o->paths, path);

	if (!had) {
		had = arena_strdup(o->a, path);
		strmap_put(&o->paths, had, (void *)had);
	}
	return had;
}

static const char *full_name(struct dbg_object *o, struct arena *a, const struct entry *e,
			     const struct entries *dirs, const char *comp_dir)
{
	const char *dir = e->dir < dirs->n ? dirs->v[e->dir].name : "";
	char *path;

	/* Directory 0 is the one of compilation itself. */
	if (e->name[0] == '/' || !*dir || (e->dir == 0 && dir[0] != '/'))
		path = arena_strdup(a, e->name);
	else
		path = arena_printf(a, "%s/%s", dir, e->name);
	if (path[0] != '/' && comp_dir[0] == '/' && strstr(path, "../"))
		path = arena_printf(a, "%s/%s", comp_dir, path);
	tidy(path);
	return keep(o, without_prefix(path, comp_dir));
}

const struct files *files_of(struct dbg_object *o, Dwarf_Die *cu)
{
	uint64_t key = dwarf_dieoffset(cu) + 1;
	struct files *f = umap_get(&o->files, key);
	struct entries dirs = {0}, files = {0};
	Dwarf_Attribute at;
	const char *comp_dir = NULL;
	Dwarf_Word off;
	struct arena tmp;

	if (f)
		return f;
	f = arena_new(o->a, struct files);
	umap_put(&o->files, key, f);
	arena_init(&tmp, "file names");
	if (dwarf_attr(cu, DW_AT_comp_dir, &at))
		comp_dir = dwarf_formstring(&at);
	if (dwarf_attr(cu, DW_AT_stmt_list, &at) && dwarf_formudata(&at, &off) == 0 &&
	    read_header(o, off, &tmp, &dirs, &files)) {
		f->v = arena_array(o->a, const char *, files.n);
		for (f->n = 0; f->n < files.n; f->n++)
			f->v[f->n] = full_name(o, &tmp, &files.v[f->n], &dirs,
					       comp_dir ? comp_dir : "");
	}
	arena_deinit(&tmp);
	return f;
}

const char *die_file(struct dbg_object *o, Dwarf_Die *die)
{
	Dwarf_Attribute at;
	Dwarf_Word n;
	Dwarf_Die cu;
	const struct files *f;

	if (!dwarf_attr_integrate(die, DW_AT_decl_file, &at) || dwarf_formudata(&at, &n))
		return NULL;
	/* The number counts in the unit that has the attribute, which an origin may lie outside of. */
	if (!at.cu || !dwarf_cu_die(at.cu, &cu, NULL, NULL, NULL, NULL, NULL, NULL))
		return NULL;
	f = files_of(o, &cu);
	return n < f->n ? f->v[n] : NULL;
}

/* SystemTap's rule: the pattern covers whole components counted from the end of the path. */
bool file_matches(const char *file, const char *pattern)
{
	if (!file)
		return false;
	if (str_glob(pattern, file))
		return true;
	for (const char *p = strchr(file, '/'); p; p = strchr(p + 1, '/'))
		if (str_glob(pattern, p + 1))
			return true;
	return false;
}

bool dbg_file_matches(const char *file, const char *pattern)
{
	return file && file_matches(file, pattern);
}
