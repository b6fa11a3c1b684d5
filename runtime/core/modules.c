// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Modules that the script looks into: where their sections are, whether they are the ones the script
 * was translated for, and what happens when they are loaded, unloaded and loaded again.
 *
 * User space tells where sections are of what is loaded before the start, but not of what comes
 * later, whose first code runs before anybody could look into /sys.  So the unit names a symbol of
 * each section, and the module's own symbol table tells where it is.  The build-id is looked for in
 * the module's memory, where the loader has put its note.
 *
 * Families hear of modules after the kernel's own kprobes do: when they come, so that what may not be
 * probed is known; when they go, while their code is still there, for the reason given at `going`.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include "core/core.h"
#include "transport/transport.h"

static DEFINE_MUTEX(events);		/* one module event at a time */
static bool watching;

/* ---- the module in memory ---- */

#ifdef CONFIG_KALLSYMS
/* Value of a symbol; 0 when there is none. */
static unsigned long symbol_value(struct module *m, const char *name)
{
	struct mod_kallsyms *k;
	unsigned long value = 0;
	unsigned int i;

	preempt_disable();
	k = rcu_dereference_raw(m->kallsyms);
	for (i = 1; k && i < k->num_symtab && !value; i++)
		if (k->symtab[i].st_shndx != SHN_UNDEF && !strcmp(k->strtab + k->symtab[i].st_name, name))
			value = k->symtab[i].st_value;
	preempt_enable();
	return value;
}
#else
static unsigned long symbol_value(struct module *m, const char *name) { return 0; }
#endif

/* ELF note: 4 bytes of name, 20 of contents, type 3, "GNU". */
static const u8 note_head[] = { 4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0 };
enum { ID_SIZE = 20 };

static const u8 *id_in(const void *base, size_t size)
{
	const u8 *p = base, *end = p + size;

	for (; size && p + sizeof(note_head) + ID_SIZE <= end; p += 4)
		if (!memcmp(p, note_head, sizeof(note_head)))
			return p + sizeof(note_head);
	return NULL;
}

static const u8 *build_id(const struct module *m)
{
	const u8 *id = NULL;
#ifdef for_each_mod_mem_type
	static const enum mod_mem_type places[] = { MOD_RODATA, MOD_DATA, MOD_RO_AFTER_INIT };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places) && !id; i++)
		id = id_in(m->mem[places[i]].base, m->mem[places[i]].size);
#else
	id = id_in((const char *)m->core_layout.base + m->core_layout.text_size,
		   m->core_layout.size - m->core_layout.text_size);
#endif
	return id;
}

/* True when M is what the unit was made for, or when that cannot be told. */
static bool is_right(const struct stp_module *u, struct module *m, char *why, size_t size)
{
	const u8 *id = u->build_id ? build_id(m) : NULL;
	char hex[2 * ID_SIZE + 1];

	if (!id)
		return true;
	bin2hex(hex, id, ID_SIZE);
	hex[2 * ID_SIZE] = '\0';
	if (!strncmp(hex, u->build_id, sizeof(hex)))
		return true;
	snprintf(why, size, "Build-id mismatch: module %s was built with id %s, the one in memory has %s; "
		 "install the debuginfo that belongs to it and translate the script again", u->name,
		 u->build_id, hex);
	return false;
}

/* ---- what the unit knows of it ---- */

static struct stp_module_state *state_of(const char *name)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nmodules; i++)
		if (!strcmp(stp_unit.modules[i].name, name))
			return stp_unit.modules[i].state;
	return NULL;
}

static const struct stp_module *unit_module(const char *name)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nmodules; i++)
		if (!strcmp(stp_unit.modules[i].name, name))
			return &stp_unit.modules[i];
	return NULL;
}

static int place_section(const struct stp_module *u, const struct stp_anchor *a, uint64_t address)
{
	struct stp_cmd_reloc r = { .address = address };

	if (strscpy(r.module, u->name, sizeof(r.module)) < 0 ||
	    strscpy(r.section, a->section, sizeof(r.section)) < 0)
		return 0;
	return stp_reloc_add(&r);
}

/* Sections of M get their places; those of initialisation are gone once it has run. */
static int place_sections(const struct stp_module *u, struct module *m)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < u->nanchors && !err; i++) {
		const struct stp_anchor *a = &u->anchors[i];
		bool gone = m->state == MODULE_STATE_LIVE && strstarts(a->section, ".init");
		/* /sys still shows where it was */
		unsigned long value = gone ? 0 : symbol_value(m, a->symbol);

		if (value || gone)
			err = place_section(u, a, value ? value - a->offset : 0);
	}
	return err;
}

static int module_found(const struct stp_module *u, struct module *m, char *why, size_t size)
{
	if (!is_right(u, m, why, size)) {
		u->state->loaded = STP_MODULE_WRONG;
		return -EXDEV;
	}
	u->state->loaded = STP_MODULE_LOADED;
	u->state->module = m;
	return place_sections(u, m);
}

enum stp_module_loaded stp_module_loaded(const char *name)
{
	const struct stp_module_state *s = state_of(name);

	return s ? s->loaded : STP_MODULE_LOADED;
}

unsigned long stp_module_symbol(const char *module, const char *symbol)
{
	const struct stp_module_state *s = state_of(module);

	return s && s->loaded == STP_MODULE_LOADED && s->module ? symbol_value(s->module, symbol) : 0;
}

/* ---- events ---- */

static void tell(const char *why)
{
	char line[400];

	snprintf(line, sizeof(line), "WARNING: %s", why);
	stp_transport_oob(line);
}

static void see_coming(struct module *m)
{
	const struct stp_module *u = unit_module(m->name);
	char why[320];
	unsigned int i;

	if (!u)
		return;
	if (module_found(u, m, why, sizeof(why))) {
		if (u->state->loaded == STP_MODULE_WRONG)
			tell(why);
		return;
	}
	for (i = 0; stp_families[i]; i++)
		if (stp_families[i]->module_coming)
			stp_families[i]->module_coming(m);
}

static void see_going(struct module *m)
{
	const struct stp_module *u = unit_module(m->name);
	unsigned int i;

	if (!u || u->state->loaded != STP_MODULE_LOADED)
		return;
	for (i = 0; stp_families[i]; i++)
		if (stp_families[i]->module_going)
			stp_families[i]->module_going(m);
	u->state->loaded = STP_MODULE_ABSENT;
	u->state->module = NULL;
	stp_reloc_forget(u->name);
}

static int on_coming(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event != MODULE_STATE_COMING)
		return NOTIFY_DONE;
	mutex_lock(&events);
	see_coming(data);
	mutex_unlock(&events);
	return NOTIFY_OK;
}

static int on_going(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&events);
	see_going(data);
	mutex_unlock(&events);
	return NOTIFY_OK;
}

/*
 * Both behind the kernel's own (priority 0): kprobes of a module that goes are marked as gone there.  One
 * that is unregistered just before, while its jump is being undone, would stay in the kernel's table without
 * being on any of its lists (kill_optimized_kprobe()), to be taken for alive when the module comes again.
 */
static struct notifier_block coming = { .notifier_call = on_coming, .priority = -1 };
static struct notifier_block going = { .notifier_call = on_going, .priority = -1 };

/* ---- start and stop ---- */

static int reserve_sections(const struct stp_module *u)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < u->nanchors && !err; i++)
		err = stp_reloc_reserve(u->name, u->anchors[i].section);
	return err;
}

/* 0: not loaded, or loaded and found. */
static int look_for(const struct stp_module *u, char *why, size_t size)
{
	struct kobject *k = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, u->name);
	struct module *m;
	int err = 0;

	if (!k)
		return 0;
	/* The reference keeps the module's memory. */
	m = container_of(k, struct module_kobject, kobj)->mod;
	if (m && m->state != MODULE_STATE_GOING)
		err = module_found(u, m, why, size);
	kobject_put(k);
	return err;
}

int stp_modules_start(char *why, size_t size)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nmodules; i++) {
		const struct stp_module *u = &stp_unit.modules[i];
		int err;

		u->state->loaded = STP_MODULE_ABSENT;
		if (reserve_sections(u)) {
			snprintf(why, size, "no memory for the places of module %s", u->name);
			return -ENOMEM;
		}
		err = look_for(u, why, size);
		if (err == -EXDEV && u->optional) {
			tell(why);
			err = 0;
		}
		if (err)
			return err;
	}
	return 0;
}

/* Modules that came since stp_modules_start() are found now. */
void stp_modules_watch(void)
{
	uint32_t i;

	if (!stp_unit.nmodules)
		return;
	watching = !register_module_notifier(&coming);
	if (watching && register_module_notifier(&going)) {
		unregister_module_notifier(&coming);
		watching = false;
	}
	if (!watching)
		tell("modules that are loaded later are not probed: no notification of them");
	for (i = 0; i < stp_unit.nmodules; i++) {
		struct kobject *k;
		struct module *m;

		if (stp_unit.modules[i].state->loaded != STP_MODULE_ABSENT)
			continue;
		k = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, stp_unit.modules[i].name);
		m = k ? container_of(k, struct module_kobject, kobj)->mod : NULL;
		mutex_lock(&events);
		if (m && m->state == MODULE_STATE_LIVE &&
		    stp_unit.modules[i].state->loaded == STP_MODULE_ABSENT)
			see_coming(m);
		mutex_unlock(&events);
		kobject_put(k);
	}
}

void stp_modules_stop(void)
{
	if (!watching)
		return;
	unregister_module_notifier(&coming);
	unregister_module_notifier(&going);
	watching = false;
}
