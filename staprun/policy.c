// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may do what, as a table.  Where staprun is not set-uid, only root gets past the first row.
 * The classes are SystemTap's groups: stapusr runs modules that root installed, stapdev any.  What
 * stapsys may do beyond stapusr needs modules that a trusted signer vouches for; there is none here, so
 * it is no class of its own.
 */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "staprun/staprun.h"

static const struct {
	enum who needs;
	const char *what;
} table[N_ACTIONS] = {
	[ACT_RUN] = { WHO_STAPUSR, "run probes" },
	[ACT_ANY_MODULE] = { WHO_STAPDEV, "load a module that is not in /lib/modules/KERNEL/systemtap" },
	[ACT_PARAMS] = { WHO_STAPDEV, "set variables of a module" },
	[ACT_BUFFER] = { WHO_STAPDEV, "choose the size of kernel buffers (-b)" },
	[ACT_DELETE] = { WHO_STAPDEV, "attach to, detach or remove a module (-A, -L, -d)" },
};

enum who policy_who(uid_t real, uid_t effective, const gid_t *groups, int n, gid_t stapusr, gid_t stapdev)
{
	bool usr = false, dev = false;
	int i;

	if (effective != 0)
		return WHO_NOBODY;		/* whatever groups say, nothing can be loaded */
	if (real == 0)
		return WHO_ROOT;
	for (i = 0; i < n; i++) {
		usr |= stapusr != (gid_t)-1 && groups[i] == stapusr;
		dev |= stapdev != (gid_t)-1 && groups[i] == stapdev;
	}
	return dev && usr ? WHO_STAPDEV : usr ? WHO_STAPUSR : WHO_NOBODY;
}

bool policy_allows(enum who w, enum action a)
{
	return w >= table[a].needs;
}

static bool check(enum who w, enum action a)
{
	if (policy_allows(w, a))
		return true;
	if (a == ACT_RUN)
		complain("You are trying to run stap as a normal user.\n"
			 "You should either be root, or be part of the group \"stapusr\" and possibly one of "
			 "the groups \"stapsys\" or \"stapdev\".\n"
			 "Try: sudo staprun ...");
	else
		complain("you may not %s; only root and members of both stapusr and stapdev may", table[a].what);
	return false;
}

bool policy_check(enum who w, const struct request *r)
{
	if (!check(w, ACT_RUN))
		return false;
	if (r->params && r->params[0] && !check(w, ACT_PARAMS))
		return false;
	if (r->buffer_mb && !check(w, ACT_BUFFER))
		return false;
	return (!r->delete && !r->attach && !r->load_only) || check(w, ACT_DELETE);
}

static gid_t group_id(const char *name)
{
	struct group *g = getgrnam(name);

	return g ? g->gr_gid : (gid_t)-1;
}

enum who policy_caller(void)
{
	gid_t groups[1024];
	int n = getgroups(1023, groups);

	if (n < 0)
		n = 0;
	groups[n++] = getgid();
	return policy_who(getuid(), geteuid(), groups, n, group_id("stapusr"), group_id("stapdev"));
}
