// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * procfs probes: files below /proc/systemtap/MODULE.  A read probe runs when its file is read from the
 * start and makes the content, which the open file then keeps; a write probe runs for each write().
 * Both run in process context of the reader or writer, like any handler: on the CPU's context, with
 * interrupts off.  /proc/systemtap stays when the last module goes, since others may be about to use it.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "core/core.h"
#include "core/hit.h"

#if defined(CONFIG_PROC_FS) && defined(CONFIG_NET)

/* Milliseconds that a reader or writer waits for a handler that cannot run just now. */
#define PATIENCE 100

struct value {
	char *text;
	size_t len, size;	/* without and with the NUL */
};

/* The rows of one path. */
struct file_rows {
	const struct stp_row_procfs *read, *write;
};

struct open_file {
	struct mutex lock;
	const struct file_rows *rows;
	bool filled;
	struct value content;
};

static struct file_rows *files;		/* at most as many as rows */
static struct proc_dir_entry *top;	/* /proc/systemtap/MODULE */

/* ---- $value ---- */

static struct value *value_of(struct stp_context *c)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nprocfs; i++)
		if (stp_unit.procfs[i].probe == c->probe)
			return c->instance;
	stp_error(c, "$value is only in procfs probes");
	return NULL;
}

void stp_procfs_value(struct stp_context *c, char *to, uint32_t size)
{
	const struct value *v = value_of(c);

	strscpy(to, v ? v->text : "", size);
}

void stp_procfs_set(struct stp_context *c, const char *text, bool append)
{
	struct value *v = value_of(c);
	size_t len = strlen(text);

	if (!v)
		return;
	if (!append)
		v->len = 0;
	len = min(len, v->size - 1 - v->len);
	memcpy(v->text + v->len, text, len);
	v->len += len;
	v->text[v->len] = '\0';
}

/* ---- files ---- */

static bool run_once(const struct stp_row_procfs *row, struct value *v)
{
	unsigned long flags;
	struct stp_cpu *s = stp_enter(row->probe, &flags);
	bool ran;

	if (!s)
		return false;
	s->c.regs = NULL;
	s->c.instance = v;
	ran = stp_run(s, row->probe);
	s->c.instance = NULL;
	stp_leave(s, flags);
	return ran;
}

static int run(const struct stp_row_procfs *row, struct value *v)
{
	unsigned int i;

	for (i = 0; i < PATIENCE; i++) {
		if (run_once(row, v))
			return 0;
		if (stp_session_state() != STP_STATE_RUNNING)
			break;
		msleep(1);
	}
	return -EAGAIN;
}

static int value_init(struct value *v, size_t size)
{
	v->text = kvzalloc(size, GFP_KERNEL);
	v->len = 0;
	v->size = size;
	return v->text ? 0 : -ENOMEM;
}

static int procfs_open(struct inode *inode, struct file *file)
{
	struct open_file *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock);
	f->rows = pde_data(inode);
	file->private_data = f;
	return 0;
}

static int procfs_release(struct inode *inode, struct file *file)
{
	struct open_file *f = file->private_data;

	kvfree(f->content.text);
	kfree(f);
	return 0;
}

/* Content for a reading that begins. */
static int fill(struct open_file *f)
{
	const struct stp_row_procfs *row = f->rows->read;
	int err;

	kvfree(f->content.text);
	err = value_init(&f->content, (row->size ?: stp_unit.maxstringlen) + 1);
	if (!err)
		err = run(row, &f->content);
	f->filled = !err;
	return err;
}

static ssize_t procfs_read(struct file *file, char __user *to, size_t n, loff_t *pos)
{
	struct open_file *f = file->private_data;
	ssize_t ret = 0;

	if (!f->rows->read)
		return -EBADF;
	mutex_lock(&f->lock);
	if (!*pos || !f->filled)
		ret = fill(f);
	if (!ret)
		ret = simple_read_from_buffer(to, n, pos, f->content.text, f->content.len);
	mutex_unlock(&f->lock);
	return ret;
}

static ssize_t procfs_write(struct file *file, const char __user *from, size_t n, loff_t *pos)
{
	struct open_file *f = file->private_data;
	struct value v;
	int err;

	if (!f->rows->write)
		return -EBADF;
	n = min_t(size_t, n, stp_unit.maxstringlen - 1);
	err = value_init(&v, n + 1);
	if (err)
		return err;
	err = -EFAULT;
	if (!copy_from_user(v.text, from, n)) {
		v.len = n;
		err = run(f->rows->write, &v);
	}
	kvfree(v.text);
	if (err)
		return err;
	*pos += n;
	return n;
}

static const struct proc_ops operations = {
	.proc_open = procfs_open,
	.proc_read = procfs_read,
	.proc_write = procfs_write,
	.proc_lseek = default_llseek,
	.proc_release = procfs_release,
};

/* ---- arming ---- */

static bool exists(const char *name)
{
	struct path path;

	if (kern_path(name, 0, &path))
		return false;
	path_put(&path);
	return true;
}

/* Making what is there would be a splat, so two modules must not do it at once: a lock that all share. */
static int make_parent(const char *path, const char *name)
{
	int err;

	rtnl_lock();
	err = exists("/proc/self") ? 0 : -ENOENT;
	if (!err && !exists(path) && !proc_mkdir(name, NULL))
		err = -ENOMEM;
	rtnl_unlock();
	return err;
}

/*
 * The folder of PATH's last component, *name that component.  All folders are this module's own, so
 * what was made before is found among the paths of earlier rows.
 */
static struct proc_dir_entry *folder(uint32_t row, const char *path)
{
	struct proc_dir_entry *at = top;
	const char *slash;
	char *dir;

	for (slash = strchr(path, '/'); slash && at; slash = strchr(slash + 1, '/')) {
		size_t n = slash - path + 1;
		uint32_t i;

		for (i = 0; i < stp_unit.nprocfs; i++)	/* a file of that name */
			if (strlen(stp_unit.procfs[i].path) == n - 1 &&
			    !strncmp(stp_unit.procfs[i].path, path, n - 1))
				return NULL;
		for (i = 0; i < row && strncmp(stp_unit.procfs[i].path, path, n) != 0; i++)
			;
		if (i < row)
			continue;
		dir = kstrndup(path, n - 1, GFP_KERNEL);
		at = dir ? proc_mkdir(dir, top) : NULL;
		kfree(dir);
	}
	return at;
}

static const char *made_before(uint32_t row)
{
	const char *path = stp_unit.procfs[row].path;
	uint32_t i;

	for (i = 0; i < row; i++)
		if (!strcmp(stp_unit.procfs[i].path, path))
			return path;
	return NULL;
}

static int make_file(uint32_t row, char *why, size_t size)
{
	const char *path = stp_unit.procfs[row].path;
	struct file_rows *f = &files[row];
	umode_t mode = 0;
	uint32_t i;

	for (i = row; i < stp_unit.nprocfs; i++) {
		const struct stp_row_procfs *r = &stp_unit.procfs[i], **which;

		if (strcmp(r->path, path) != 0)
			continue;
		which = r->is_write ? &f->write : &f->read;
		if (*which) {
			snprintf(why, size, "probe %s: there is one for this file already", r->probe->pp);
			return -EEXIST;
		}
		*which = r;
		mode |= r->mode;
	}
	snprintf(why, size, "probe %s: the file cannot be made", stp_unit.procfs[row].probe->pp);
	if (!folder(row, path))
		return -ENOMEM;
	return proc_create_data(path, S_IFREG | mode, top, &operations, f) ? 0 : -ENOMEM;
}

static void procfs_disarm(void)
{
	if (!files)
		return;
	proc_remove(top);	/* with all below; waits for operations that are under way */
	top = NULL;
	kvfree(files);
	files = NULL;
}

static int procfs_arm(char *why, size_t size)
{
	static const char parent[] = "/proc/systemtap";
	char name[sizeof("systemtap/") + MODULE_NAME_LEN];
	uint32_t i;
	int err;

	if (!stp_unit.nprocfs)
		return 0;
	snprintf(why, size, "no memory for files in %s", parent);
	files = kvcalloc(stp_unit.nprocfs, sizeof(*files), GFP_KERNEL);
	if (!files)
		return -ENOMEM;
	snprintf(why, size, "%s cannot be made", parent);
	err = make_parent(parent, "systemtap");
	snprintf(name, sizeof(name), "systemtap/%s", THIS_MODULE->name);
	if (!err) {
		top = proc_mkdir(name, NULL);
		err = top ? 0 : -ENOMEM;
	}
	for (i = 0; !err && i < stp_unit.nprocfs; i++)
		if (!made_before(i))
			err = make_file(i, why, size);
	if (err)
		procfs_disarm();
	return err;
}
#else
void stp_procfs_value(struct stp_context *c, char *to, uint32_t size) { *to = '\0'; }
void stp_procfs_set(struct stp_context *c, const char *text, bool append) { }

static int procfs_arm(char *why, size_t size)
{
	return stp_family_absent(stp_unit.nprocfs, "/proc", why, size);
}

static void procfs_disarm(void) { }
#endif

const struct stp_family stp_family_procfs = {
	.name = "procfs",
	.arm = procfs_arm,
	.disarm = procfs_disarm,
};
