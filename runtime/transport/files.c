// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The directory of a loaded module in debugfs: control, formats, modules and the trace files.
 * Every file but the two tables holds the module while it is open; the tables are copied by
 * debugfs itself, which debugfs_remove() waits for.
 */
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core/core.h"
#include "channel.h"
#include "control.h"

static unsigned int buffer_mb;
module_param(buffer_mb, uint, 0);
MODULE_PARM_DESC(buffer_mb, "megabytes of the ring of each CPU, 1 to 4095; rounded up to a power of 2, 2048 at "
		 "most; 0: by the size of memory");

static struct dentry *dir;
static struct debugfs_blob_wrapper formats, probes, modules;

/* ---- trace files ---- */

static int trace_open(struct inode *inode, struct file *f)
{
	struct stp_channel *ch = inode->i_private;

	if (test_and_set_bit(0, &ch->opened))
		return -EBUSY;
	f->private_data = ch;
	return stream_open(inode, f);
}

static int trace_release(struct inode *inode, struct file *f)
{
	struct stp_channel *ch = f->private_data;

	clear_bit(0, &ch->opened);
	wake_up(&ch->writable);		/* nobody will make room any more */
	return 0;
}

static ssize_t trace_read(struct file *f, char __user *to, size_t size, loff_t *pos)
{
	return stp_channel_read(f->private_data, to, size);
}

/* Readable means worth a wake-up.  Less than that is for the reader's own clock to fetch: waking
 * for every record would slow down, and show up in, what is being traced. */
static __poll_t trace_poll(struct file *f, poll_table *wait)
{
	struct stp_channel *ch = f->private_data;

	poll_wait(f, &ch->readable, wait);
	WRITE_ONCE(ch->wake_armed, 1);
	smp_mb();
	return stp_channel_quarter_full(ch) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations trace_fops = {
	.owner = THIS_MODULE,
	.open = trace_open,
	.release = trace_release,
	.read = trace_read,
	.poll = trace_poll,
};

/* ---- tables ---- */

static u32 wire_size(const struct stp_fmt *f)
{
	return ALIGN(sizeof(struct stp_wire_fmt) + strlen(f->text) + f->nargs + f->names_len, 4);
}

static int make_formats(void)
{
	size_t size = 0;
	u32 i;
	char *to;

	for (i = 0; i < stp_unit.nfmts; i++)
		size += wire_size(stp_unit.fmts[i]);
	formats.data = to = kvzalloc(size + 1, GFP_KERNEL);
	formats.size = size;
	if (!to)
		return -ENOMEM;
	for (i = 0; i < stp_unit.nfmts; i++) {
		const struct stp_fmt *f = stp_unit.fmts[i];
		struct stp_wire_fmt *w = (struct stp_wire_fmt *)to;

		w->size = wire_size(f);
		w->id = f->id;
		w->text_len = strlen(f->text);
		w->nargs = f->nargs;
		memcpy(w + 1, f->text, w->text_len);
		memcpy((char *)(w + 1) + w->text_len, f->args, f->nargs);
		w->names_len = f->names_len;
		memcpy((char *)(w + 1) + w->text_len + f->nargs, f->names, f->names_len);
		to += w->size;
	}
	return 0;
}

static int make_probes(void)
{
	size_t size = 0;
	u32 i;
	char *to;

	for (i = 0; i < stp_unit.nprobes; i++)
		size += strlen(stp_unit.probes[i]->pp) + 1;
	probes.data = to = kvzalloc(size + 1, GFP_KERNEL);
	probes.size = size;
	if (!to)
		return -ENOMEM;
	for (i = 0; i < stp_unit.nprobes; i++) {
		size = strlen(stp_unit.probes[i]->pp) + 1;
		memcpy(to, stp_unit.probes[i]->pp, size);
		to += size;
	}
	return 0;
}

static int make_modules(void)
{
	const char *name;
	size_t size = 0, done = 0;
	u32 i;

	for (i = 0; (name = stp_session_module(i)); i++)
		size += strlen(name) + 1;
	modules.data = kvzalloc(size + 1, GFP_KERNEL);
	modules.size = size;
	if (!modules.data)
		return -ENOMEM;
	for (i = 0; (name = stp_session_module(i)); i++)
		done += scnprintf((char *)modules.data + done, size + 1 - done, "%s\n", name);
	return 0;
}

/* ---- the directory ---- */

static int create_file(const char *name, umode_t mode, void *data, const struct file_operations *fops)
{
	struct dentry *d = debugfs_create_file(name, mode, dir, data, fops);

	return PTR_ERR_OR_ZERO(d);
}

static int create_files(void)
{
	char name[24];
	u32 i;
	int rc = 0;

	for (i = 0; i < stp_nchannels && !rc; i++) {
		snprintf(name, sizeof(name), "trace%u", i);
		rc = create_file(name, 0400, stp_channels[i], &trace_fops);
	}
	if (rc)
		return rc;
	debugfs_create_blob("formats", 0400, dir, &formats);
	debugfs_create_blob("probes", 0400, dir, &probes);
	debugfs_create_blob("modules", 0400, dir, &modules);
	/* Last: who sees it finds all others. */
	return create_file("control", 0600, NULL, &stp_control_fops);
}

/* The directory of all sessions stays when they go: removing it could not be kept apart from
 * another module's lookup of it. */
static int create_dir(void)
{
	struct dentry *parent = debugfs_lookup(STP_DIR, NULL);
	bool found = parent;

	if (!parent)
		parent = debugfs_create_dir(STP_DIR, NULL);
	if (IS_ERR(parent) && PTR_ERR(parent) == -EEXIST) {
		parent = debugfs_lookup(STP_DIR, NULL);
		found = parent;
	}
	if (IS_ERR_OR_NULL(parent))
		return parent ? PTR_ERR(parent) : -ENOENT;
	dir = debugfs_create_dir(THIS_MODULE->name, parent);
	if (found)
		dput(parent);
	if (IS_ERR(dir)) {
		int rc = PTR_ERR(dir);

		dir = NULL;
		return rc;
	}
	return 0;
}

/* 16 MB per CPU, but all together not more than a 32nd of the memory. */
static unsigned long default_mb(void)
{
	unsigned long all = totalram_pages() >> (20 - PAGE_SHIFT);

	return clamp(all / 32 / (num_online_cpus() + 1), 1UL, 16UL);
}

static u32 ring_size(void)
{
	unsigned int mb = buffer_mb ?: stp_unit.buffer_mb;

	if (!mb)
		return rounddown_pow_of_two(default_mb()) << 20;
	return min(roundup_pow_of_two(mb), 2048UL) << 20;
}

int stp_transport_init(void)
{
	int rc;

	if (buffer_mb > 4095)
		return -EINVAL;
	stp_control_init();
	rc = stp_print_init();
	if (!rc)
		rc = stp_channels_init(ring_size());
	if (!rc)
		rc = make_formats();
	if (!rc)
		rc = make_probes();
	if (!rc)
		rc = make_modules();
	if (!rc)
		rc = create_dir();
	if (!rc)
		rc = create_files();
	if (rc)
		stp_transport_exit();
	return rc;
}

void stp_transport_exit(void)
{
	debugfs_remove(dir);
	dir = NULL;
	stp_control_exit();
	stp_channels_exit();
	stp_print_exit();
	kvfree(formats.data);
	kvfree(probes.data);
	kvfree(modules.data);
	formats.data = probes.data = modules.data = NULL;
}
