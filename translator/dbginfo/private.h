/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share.  Nobody outside includes it: libdw and libelf end here.
 *
 * Addresses inside the room are those libdw speaks ("DWARF addresses"): link-time addresses for
 * vmlinux; for modules those of the layout that libdwfl gave to the sections of the object.
 * obj_place() and obj_dwarf() translate to and from what callers see.
 */
#ifndef DBGINFO_PRIVATE_H
#define DBGINFO_PRIVATE_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "base/strmap.h"
#include "dbginfo/dbginfo.h"

enum {
	MAX_DIE_DEPTH = 64,	/* nesting of scopes that is followed */
	MAX_ORIGINS = 16,	/* steps of abstract origins and specifications */
	MAX_TYPE_DEPTH = 128,	/* derivations made in one go */
};

/* Map from a DIE offset (or any number but 0) to a pointer. */
struct umap { uint64_t *keys; void **vals; size_t n, cap; };
void *umap_get(const struct umap *m, uint64_t key);
void umap_put(struct umap *m, uint64_t key, void *val);
void umap_deinit(struct umap *m);

/* The contents of a section. */
struct bytes { const unsigned char *p; size_t n; bool read; };

struct section { const char *name; uint64_t addr, size; };	/* DWARF address, bytes */

/* One ELF symbol that has a place. */
struct sym {
	const char *name;	/* in the string table of the file */
	uint64_t addr;		/* DWARF address */
	uint64_t size;
	bool func;
};

/* The file names of one unit, from the header of its line table; numbers as in DW_AT_decl_file. */
struct files { const char **v; size_t n; };

/* A function as the index keeps it: texts are offsets in the pool, 0 none; addresses are DWARF's. */
struct ix_func {
	uint32_t name, file, line, die;
	uint32_t linkage, why;
	uint32_t place;		/* rank in the order of file, line, name, address */
	uint32_t flags;		/* IX_ below; from IX_AFTER on, bytes of the prologue */
	uint64_t entry;
};
enum { IX_INLINE = 1, IX_PATCHABLE = 2, IX_NORETURN = 4, IX_AFTER_SHIFT = 8 };
struct ix_type { uint32_t name, die, tag; };	/* enumerators too */
struct ix_var { uint32_t name, file, die, declared; };	/* declared: a symbol has the place, DIE the type */
struct ix_sym { uint32_t name, func; uint64_t addr, size; };
/* Of a unit: file[first .. first + n), row[row .. row + nrow). */
struct ix_unit { uint32_t die, first, n, row, nrow; };
struct ix_section { uint32_t name, unused; uint64_t addr, size; };

/*
 * What an object can be asked for without a look into its file; func, type, var and sym are sorted
 * by name.  A run that finds a kept one maps it and opens the file only for DIEs and bytes.
 */
struct index {
	char *pool;		/* NUL-terminated strings; offset 0 is "" */
	size_t npool;
	struct ix_func *func;
	size_t nfunc;
	struct ix_type *type;
	size_t ntype;
	struct ix_var *var;
	size_t nvar;
	struct ix_sym *sym;
	size_t nsym;
	uint32_t *by_addr;	/* numbers of symbols, sorted by address */
	size_t nby_addr;
	struct ix_unit *unit;
	size_t nunit;
	uint32_t *file;		/* names of files, by unit */
	size_t nfile;
	unsigned char *row;	/* line rows, by unit; rows.c */
	size_t nrow;
	struct ix_section *section;
	size_t nsection;
	void *map;		/* the mapped index file they all lie in, or NULL when they are malloc'ed */
	size_t map_size;
};

/* What cannot be probed; see probeable.c. */
struct text_places {
	uint64_t fentry;	/* address of __fentry__, 0 unknown */
	uint64_t init_start, init_end, entry_start, entry_end, kprobes_start, kprobes_end,
		 noinstr_start, noinstr_end;
};

struct text {
	bool read;
	bool lent;		/* the arrays belong to the index, or to another object */
	uint64_t *code;		/* sections with code: pairs start, size */
	size_t ncode;
	uint64_t *blacklist;	/* pairs start, end; sorted by start */
	size_t nblacklist;
	uint64_t *patched;	/* jump labels and static calls; sorted */
	size_t npatched;
	uint64_t *bugs;		/* ud2 of BUG() and WARN() */
	size_t nbugs;
	uint64_t *mcount;	/* calls to __fentry__ of modules; sorted */
	size_t nmcount;
	struct text_places at;
};

/* What tells a file from another one at its path. */
struct file_id { int64_t v[6]; };	/* size, time of data and of inode (s, ns), inode */

struct dbg_object {
	struct dbginfo *owner;
	struct arena *a;
	const char *module;	/* NULL: the kernel; a path: a program or shared library */
	const char *path;
	const char *build_id;
	struct file_id id;	/* of path, before it was opened */
	bool unopened;		/* known from the index alone so far: obj_open() */
	int fd;			/* vmlinux */
	Elf *elf;		/* of the code; owned for vmlinux and programs, else libdwfl's */
	int dw_fd;		/* programs: of the file that DWARF comes from, when it is another */
	Elf *dw_elf;		/* the same */
	Dwarf *dw;		/* the same */
	Dwfl *dwfl;		/* modules */
	Dwfl_Module *mod;
	struct btf *btf;	/* what answers where dw is NULL; btf.h */
	struct btf *btf_base;	/* a module's own, or NULL */
	void *memory;		/* of elf when no file has it */
	Dwarf_Addr bias;	/* modules: of DWARF addresses to libdwfl's */
	VEC(struct section) sections;	/* modules: those that are loaded */
	struct sym *by_name, *by_addr;
	size_t nsym;
	bool lent_syms;		/* they belong to another object */
	struct index *index;
	struct umap types;	/* DIE offset -> struct ctype */
	struct strmap named;	/* type text -> struct ctype, found or not */
	struct umap files;	/* unit offset -> struct files */
	struct strmap paths;	/* file names, each once */
	struct bytes line, line_str, str, info;	/* sections, by section_bytes() */
	struct text text;
	struct outer {		/* the function that the last address asked for is in */
		Dwarf_Addr pc, entry;
		Dwarf_Die die;
		const void *unit;	/* whose address it was; NULL: none was asked for */
		bool found, has_entry;
	} outer;
	Dwarf_CFI *eh_frame;	/* owned; NULL until asked for, or when there is none */
	bool eh_read;
	bool used;		/* a variable was placed in it */
};

struct lookup { struct dbg_object *o; const char *why; };

struct dbginfo {
	struct arena *a;
	const char *release;
	const char *tree;	/* build tree given instead of a release, or NULL */
	enum dbg_kind kind;
	bool only_list;		/* see dbginfo_only_list() */
	struct dbg_object *btf_kernel;	/* for modules, when the kernel itself has DWARF; or NULL */
	bool btf_looked_for;
	struct strmap objects;	/* module name or "" -> struct lookup */
	struct strmap modules;	/* module name -> struct found, see modules.c */
	bool modules_read;
	VEC(const char *) kept;	/* index files that were read or written */
	void (*progress)(const char *what, unsigned percent);
};

/* find.c */
/* NULL with a text in *WHY. */
struct dbg_object *find_kernel(struct dbginfo *d, const char **why);
struct dbg_object *find_module(struct dbginfo *d, const char *name, const char **why);
const char *install_hint(struct dbginfo *d);			/* what to do when DWARF is missing */
const char *running_build_id(struct arena *a);			/* of the running kernel, hex or NULL */

/* object.c */
struct dbg_object *object_new(struct dbginfo *d, const char *module, const char *path);
void object_close(struct dbg_object *o);
const char *hex_build_id(struct arena *a, Elf *elf);		/* NULL: none */
bool dwarf_has_units(Dwarf *dw);
/* A linked image; a module, by BTF when USE_BTF and there is no DWARF.  NULL: *WHAT is wrong with PATH. */
struct dbg_object *object_linked(struct dbginfo *d, const char *path, const char **what);
struct dbg_object *object_module(struct dbginfo *d, const char *module, const char *path, bool use_btf,
				 const char **what);
/* BTF was chosen, and PATH is not what was compiled for its types, "x.o": that has DWARF alone. */
bool object_btf_alone(const struct dbginfo *d, const char *path);
/* Why a floating point parameter cannot be had. */
#define FLOAT_REGISTER "it is in a floating point or vector register, which handlers do not see; code that has it in " \
		       "memory (compiled with -O0) shows it"
/* Folders that hold files with debuginfo; those that do not begin with a slash are beside each program. */
size_t debug_folders(struct arena *a, const char *const **ret);
/* The file in FOLDER for PROGRAM, by BUILD_ID; by name when that is NULL or FOLDER relative.  NULL: there is none. */
const char *debug_of_program(struct arena *a, const char *folder, const char *program, const char *build_id);
/* Have elf and dw: false when the file cannot be had any more, or is another one now. */
bool obj_open(struct dbg_object *o);
/* Another handle on the same file, for a thread; it borrows what O has read of symbols and text. */
struct dbg_object *obj_twin(struct dbg_object *o);
void obj_close(struct dbg_object *o);
/* Close the file of O, of which nothing but the index was used yet, if there is a kept index. */
void obj_release(struct dbg_object *o);
bool obj_place(const struct dbg_object *o, uint64_t dw, uint64_t *addr, const char **section);
bool obj_dwarf(const struct dbg_object *o, const char *section, uint64_t addr, uint64_t *dw);
Elf_Scn *obj_section(Elf *elf, const char *name, GElf_Shdr *sh);
/* N bytes of initialised memory at DWARF address ADDR; NULL when the file has none there. */
const void *obj_bytes(struct dbg_object *o, uint64_t addr, size_t n);

Dwarf_CFI *obj_eh_frame(struct dbg_object *o);

/* program.c */
bool is_program(const struct dbg_object *o);
struct dbg_object *program_open(struct dbginfo *d, const char *path, const char **what);
struct dbg_object *program_find(struct dbginfo *d, const char *path, const char **why);
const char *program_lacks(const struct dbg_object *o);
void program_functions(struct dbg_object *o, struct arena *a, const char *name, struct dbg_func_list *ret);
struct dbg_func *program_scope_at(struct dbg_object *o, struct arena *a, uint64_t addr);

/* modules.c */
const char *module_name(struct arena *a, const char *path);	/* of the file */
/* Files of MODULE (a name or a path), those with DWARF likely first. */
size_t module_files(struct dbginfo *d, struct arena *a, const char *module, const char *const **ret);

/* symbol.c */
void sym_read(struct dbg_object *o);
size_t sym_prefix(struct dbg_object *o, const char *prefix, const struct sym **ret);	/* sorted */
const struct sym *sym_named(struct dbg_object *o, const char *name);
/* The function symbol that starts at ADDR: NAME, else a clone of it, else any; a .cold one last. */
const struct sym *sym_at(struct dbg_object *o, uint64_t addr, const char *name);
uint64_t sym_end(struct dbg_object *o, uint64_t addr);	/* of the symbol that starts at ADDR */
const struct sym *sym_around(struct dbg_object *o, uint64_t addr);	/* the function symbol that covers ADDR */
/* Bytes from the symbol at or before ADDR to the next one; 0: there is none. */
uint64_t sym_gap(struct dbg_object *o, uint64_t addr);
bool sym_is_alone(const struct dbg_object *o, const struct sym *s);	/* in its name; S is in by_name */
uint64_t sym_value(struct dbg_object *o, const char *name);	/* 0 when there is none */
/* Of the variable that S names; false when S is in no section. */
bool sym_location(struct dbg_object *o, struct arena *a, const struct sym *s, struct location *ret);

/* rows.c */
struct line_row {
	uint64_t addr;		/* DWARF address */
	uint32_t file, line;	/* number of the file in its unit */
	bool stmt, end;		/* end: no code from here on, file and line mean nothing */
};
/* Seven bits to a byte, low ones first, the eighth set when more follow. */
void row_number(struct buf *b, uint64_t n);
/* Such a number (LEB128 of DWARF) at *P, which moves behind it; false: END comes first. */
bool row_take(const unsigned char **p, const unsigned char *end, uint64_t *ret);
/* Those of CU are added to *RET. */
void rows_of_unit(struct dbg_object *o, Dwarf_Die *cu, struct buf *ret);
struct row_reader { const unsigned char *p, *end, *sequence; struct line_row row; };
/* row_next() puts the next one of the unit into r->row, and where its sequence begins into r->sequence. */
bool rows_first(const struct index *ix, const struct ix_unit *u, struct row_reader *r);
bool row_next(struct row_reader *r);
const char *row_file(const struct index *ix, const struct ix_unit *u, const struct row_reader *r); /* NULL: none */

/* index.c */
const struct index *index_of(struct dbg_object *o);
void index_free(struct index *ix);
void index_unmap(struct index *ix);
/* $SYSTEMTAP_DIR/NAME, made when MAKE; NULL when there is no home. */
const char *store_folder(struct arena *a, const char *name, bool make);
bool store_write(int fd, const void *p, size_t n);
struct index *index_load(struct dbg_object *o);		/* NULL: none that fits */
void index_save(struct dbg_object *o, const struct index *ix);

/* walk.c: made by a walk over all units */
struct index *index_build(struct dbg_object *o);

/* order.c: IX as several walkers left it, with NNAMES strings in its pool, to sorted arrays */
void index_sort(struct index *ix, size_t nnames);

/* store.c */
void store_identify(const char *path, struct file_id *ret);
/* The object that the file PATH was when its index was kept; NULL: none that fits. */
struct dbg_object *store_object(struct dbginfo *d, const char *module, const char *path);
/* One walk at a time, until file_unlock() or death; -1: no lock to be had. */
int store_lock(struct arena *a);
void store_index(struct dbg_object *o, const struct index *ix);
void store_unmap(struct index *ix);
/* First entry of array BASE whose name is not less than NAME; entries start with the name. */
size_t index_find(const struct index *ix, const void *base, size_t n, size_t size, const char *name);
/* The unit with that DIE, or NULL: units are in the order of the file. */
const struct ix_unit *index_unit(const struct index *ix, uint64_t die);
static inline const char *ix_str(const struct index *ix, uint32_t off) { return ix->pool + off; }

/* file.c */
/* The debug section NAME, remembered in KEPT, which is a member of O. */
const struct bytes *section_bytes(struct dbg_object *o, struct bytes *kept, const char *name);
const struct files *files_of(struct dbg_object *o, Dwarf_Die *cu);
const char *die_file(struct dbg_object *o, Dwarf_Die *die);	/* of the declaration; NULL unknown */
bool file_matches(const char *file, const char *pattern);

/* die.c: walking that ends whatever the file says */
bool die_child(Dwarf_Die *die, Dwarf_Die *ret);
bool die_next(Dwarf_Die *die);				/* to the next sibling */
bool die_at(struct dbg_object *o, uint64_t off, Dwarf_Die *ret);
/* The DIE with the name that DIE stands for (through origins); false when there is none. */
bool die_named(Dwarf_Die *die, Dwarf_Die *ret);
bool die_ref(Dwarf_Die *die, unsigned attr, Dwarf_Die *ret);	/* not integrated */
bool die_has_code(Dwarf_Die *die);
bool die_entry(Dwarf_Die *die, Dwarf_Addr *ret);
/* The subprogram with code around PC in the unit of DIE. */
bool die_outermost(Dwarf_Die *die, Dwarf_Addr pc, Dwarf_Die *ret);
int64_t die_int(Dwarf_Die *die, unsigned attr, int64_t otherwise);
bool die_flag(Dwarf_Die *die, unsigned attr);

/* probeable.c */
const struct text *text_of(struct dbg_object *o);
void text_free(struct text *t);
const char *text_why_not(struct dbg_object *o, uint64_t dw, const char *section);
bool text_patchable(struct dbg_object *o, uint64_t dw);

/* type.c */
struct ctype *type_of(struct dbg_object *o, Dwarf_Die *die);	/* of DW_AT_type; NULL is void */
struct ctype *type_at(struct dbg_object *o, Dwarf_Die *die);
/* What PROVIDER knows as HANDLE, still to be filled, but complete when DEPTH is MAX_TYPE_DEPTH. */
struct ctype *type_new(struct dbg_object *o, const char *name, const struct ctype_provider *provider, uint64_t handle,
		       int depth);
/* The entry NAME of the index with that tag, in the object itself. */
bool type_definition(struct dbg_object *o, const char *name, uint32_t tag, Dwarf_Die *ret);

/* The unit of a bitfield of m->bit_size bits at BIT of the struct, whose type has UNIT bytes. */
void member_bits(struct cmember *m, uint64_t unit, uint64_t bit);

/* location.c */
struct scope {			/* where and for whom an expression is evaluated */
	struct dbg_object *o;
	struct arena *a;
	Dwarf_Die die;		/* something in the unit, for the frame base */
	Dwarf_Addr pc;		/* DWARF address */
	bool no_pc;		/* a global: only what needs no registers */
	int depth;		/* of variables that stand for other variables */
};
/* ATTR of a variable into *ret; always filled, LOC_NONE with `why` on failure. */
void location_of(struct scope *s, Dwarf_Attribute *attr, uint64_t size, struct location *ret);
void location_none(struct location *ret, const char *why);
/* DIE's DW_AT_location or DW_AT_const_value. */
void location_variable(struct scope *s, Dwarf_Die *die, struct ctype *type, struct location *ret);

struct vars { struct site_var *v; size_t n, cap; };

/* abi.c */
bool abi_integer_only(struct ctype *t, bool *in_memory);
void abi_registers(struct arena *a, const unsigned reg[2], uint64_t size, struct location *ret);
/* The parameters of a function at its entry, in order. */
struct abi_cursor { unsigned reg; uint64_t stack; };
void abi_begin(struct abi_cursor *c, struct ctype *result);
void abi_parameter(struct abi_cursor *c, struct arena *a, struct ctype *type, struct location *ret);

/* unpack.c: the ELF file in a compressed kernel of N bytes; free() it.  NULL and *WHAT. */
void *unpack_kernel(struct arena *a, const void *p, size_t n, size_t *size, const char **what);
/* image.c: of PATH (vmlinuz or ELF); *FD and *MEMORY are the caller's to close and free behind it. */
Elf *image_open(struct dbginfo *d, const char *path, int *fd, void **memory, const char **what);
/* kallsyms.c: symbols of an image without a symbol table; free() them.  0 when not found. */
size_t kallsyms_read(struct dbg_object *o, struct sym **ret);

/* debuginfod.c: the file with the DWARF of that build; NULL when there is none or no server. */
const char *debuginfod_fetch(struct arena *a, const char *build_id);

/* syscall.c: initialised data of the image; 0 and NULL when it is not there */
uint64_t image_value(struct dbg_object *o, const char *type, uint64_t addr, const char *member);
const char *image_string(struct dbg_object *o, struct arena *a, uint64_t addr);

/* btf_object.c */
const char *image_build_id(struct dbginfo *d);			/* of the kernel's image, hex or NULL */
struct dbg_object *btf_kernel(struct dbginfo *d, const char **why);
bool btf_module(struct dbg_object *o, const char **what);	/* an open file without DWARF */
struct dbg_object *btf_loaded_module(struct dbginfo *d, const char *name);
bool is_running(const struct dbginfo *d);
/* btf.c, btf_type.c, btf_query.c: answers of objects that have o->btf */
void btf_close(struct btf *b);
struct ctype *btf_named(struct dbg_object *o, const char *name, unsigned tag);
void btf_functions(struct dbg_object *o, struct arena *a, const char *name, struct dbg_func_list *ret);
struct dbg_func *btf_scope_at(struct dbg_object *o, struct arena *a, uint64_t dw);
/* The name of the first function from *ID on, which moves behind it; start with btf_first(). */
uint32_t btf_first(const struct dbg_object *o);
bool btf_next_function(struct dbg_object *o, uint32_t *id, const char **ret);
size_t btf_vars(struct dbg_func *f, struct arena *a, uint64_t pc, const char *name,
		struct site_var **ret);
bool btf_result(struct dbg_func *f, struct ctype **type, const char **why);
bool btf_global(struct dbg_object *o, struct arena *a, const char *name, struct site_var *ret);
bool btf_tracepoint(struct dbg_object *o, struct arena *a, const char *name, struct dbg_tracepoint *t);
size_t btf_tracepoint_names(struct dbg_object *o, struct arena *a, const char *glob,
			    const char *const **ret);

/* function.c */
/* *F for a subprogram or inlined subroutine; false when it has no place in code. */
bool func_fill(struct dbg_object *o, Dwarf_Die *die, struct dbg_func *f);
struct dbg_func *dwarf_scope_at(struct dbg_object *o, struct arena *a, Dwarf_Addr pc);
struct dbg_func *func_make(struct dbg_object *o, struct arena *a, Dwarf_Die *die);
/* The unit with code at PC. */
bool unit_at(struct dbg_object *o, Dwarf_Addr pc, Dwarf_Die *ret);

#endif
