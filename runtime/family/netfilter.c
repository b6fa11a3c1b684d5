// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netfilter probes: a hook for each row, in the initial network namespace.  Packets go on as they were
 * unless the handler sets a verdict.  Handlers run in soft interrupts or in the sender's context.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include "core/core.h"
#include "core/hit.h"

#if defined(CONFIG_NETFILTER) && defined(CONFIG_NET)
#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_bridge.h>
#include <net/net_namespace.h>

static struct nf_hook_ops *hooks;	/* as many as rows */

/* The verdict of the packet that the running handler is for. */
static unsigned int *verdict_of(struct stp_context *c)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nnetfilter; i++)
		if (stp_unit.netfilter[i].probe == c->probe)
			return c->instance;
	stp_error(c, "$verdict is only in netfilter probes");
	return NULL;
}

int64_t stp_netfilter_verdict(struct stp_context *c)
{
	const unsigned int *v = verdict_of(c);

	return v ? *v : 0;
}

/* Not NF_REPEAT: the handler would see the packet again, and set it again, without end. */
void stp_netfilter_set_verdict(struct stp_context *c, int64_t verdict)
{
	unsigned int *v = verdict_of(c);

	if (!v)
		return;
	if (verdict == NF_DROP || verdict == NF_ACCEPT || verdict == NF_QUEUE || verdict == NF_STOP)
		*v = verdict;
	else
		stp_error(c, "verdict %lld: only nf_drop (0), nf_accept (1), nf_queue (3) and nf_stop (5) can be set",
			  verdict);
}

static unsigned int hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct stp_row_netfilter *row = priv;
	unsigned int verdict = NF_ACCEPT;
	const int64_t args[] = {
		state->hook, (int64_t)(uintptr_t)skb, (int64_t)(uintptr_t)state->in,
		(int64_t)(uintptr_t)state->out, state->pf,
	};
	unsigned long flags;
	struct stp_cpu *s = stp_enter(row->probe, &flags);

	if (!s)
		return verdict;
	s->c.regs = NULL;
	s->c.args = args;
	s->c.nargs = ARRAY_SIZE(args);
	s->c.instance = &verdict;
	stp_run(s, row->probe);
	s->c.args = NULL;
	s->c.nargs = 0;
	s->c.instance = NULL;
	stp_leave(s, flags);
	return verdict;
}

/* Does this kernel have such hooks?  Asking for others is a splat. */
static bool known(const struct stp_row_netfilter *row)
{
	switch (row->pf) {
	case NFPROTO_IPV4:
	case NFPROTO_IPV6:
		return row->hook <= NF_INET_POST_ROUTING;
	case NFPROTO_ARP:
		return IS_ENABLED(CONFIG_NETFILTER_FAMILY_ARP) && row->hook < NF_ARP_NUMHOOKS;
	case NFPROTO_BRIDGE:
		return IS_ENABLED(CONFIG_NETFILTER_FAMILY_BRIDGE) && row->hook < NF_BR_NUMHOOKS;
	}
	return false;
}

static void unregister(uint32_t n)
{
	if (n)
		nf_unregister_net_hooks(&init_net, hooks, n);
	kvfree(hooks);
	hooks = NULL;
}

static int netfilter_arm(char *why, size_t size)
{
	uint32_t i;

	if (!stp_unit.nnetfilter)
		return 0;
	snprintf(why, size, "no memory for %u netfilter probes", stp_unit.nnetfilter);
	hooks = kvcalloc(stp_unit.nnetfilter, sizeof(*hooks), GFP_KERNEL);
	if (!hooks)
		return -ENOMEM;
	for (i = 0; i < stp_unit.nnetfilter; i++) {
		const struct stp_row_netfilter *row = &stp_unit.netfilter[i];
		int err;

		hooks[i].hook = hook;
		hooks[i].priv = (void *)row;
		hooks[i].pf = row->pf;
		hooks[i].hooknum = row->hook;
		hooks[i].priority = row->priority;
		err = known(row) ? nf_register_net_hook(&init_net, &hooks[i]) : -EOPNOTSUPP;
		if (err) {
			snprintf(why, size, "probe %s registration error (rc %d)", row->probe->pp, err);
			unregister(i);
			return err;
		}
	}
	return 0;
}

static void netfilter_disarm(void)
{
	if (!hooks)
		return;
	unregister(stp_unit.nnetfilter);
	synchronize_net();
}
#else
int64_t stp_netfilter_verdict(struct stp_context *c) { return 0; }
void stp_netfilter_set_verdict(struct stp_context *c, int64_t verdict) { }

static int netfilter_arm(char *why, size_t size)
{
	return stp_family_absent(stp_unit.nnetfilter, "netfilter", why, size);
}

static void netfilter_disarm(void) { }
#endif

const struct stp_family stp_family_netfilter = {
	.name = "netfilter",
	.arm = netfilter_arm,
	.disarm = netfilter_disarm,
};
