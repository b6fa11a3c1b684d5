// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netfilter.hook("HOOK").pf("FAMILY")[.priority("N")]: packets on their way through the network stack.
 * Each point is one site.  Names are those of the kernel's headers and stand for numbers that are a
 * part of its user interface, so no header is needed; numbers are taken as they are.  What the hook is
 * given are target variables, with their types where there is debuginfo.
 */
#include "family/debuginfo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "session/session.h"

static const struct point_form forms[] = {
	{ "netfilter.hook(string).pf(string)", 0, "each packet at a hook of a protocol family" },
	{ "netfilter.hook(string).pf(string).priority(string)", 0, "the same, in order of priorities" },
	{ "netfilter.pf(string).hook(string)", 0, "each packet at a hook of a protocol family" },
	{ "netfilter.pf(string).hook(string).priority(string)", 0, "the same, in order of priorities" },
	{ NULL },
};

struct word { const char *name; int64_t value; };

/* linux/netfilter.h: NFPROTO_*; PF_* of the same meaning. */
enum { IPV4 = 2, ARP = 3, BRIDGE = 7, IPV6 = 10 };
static const struct word protocols[] = {
	{ "NFPROTO_IPV4", IPV4 }, { "PF_INET", IPV4 }, { "NFPROTO_ARP", ARP }, { "NFPROTO_BRIDGE", BRIDGE },
	{ "PF_BRIDGE", BRIDGE }, { "NFPROTO_IPV6", IPV6 }, { "PF_INET6", IPV6 }, { NULL, 0 },
};

/* linux/netfilter.h, netfilter_ipv4.h, netfilter_ipv6.h, netfilter_bridge.h, netfilter_arp.h */
static const struct word inet_hooks[] = {
	{ "NF_INET_PRE_ROUTING", 0 }, { "NF_INET_LOCAL_IN", 1 }, { "NF_INET_FORWARD", 2 },
	{ "NF_INET_LOCAL_OUT", 3 }, { "NF_INET_POST_ROUTING", 4 },
	{ "NF_IP_PRE_ROUTING", 0 }, { "NF_IP_LOCAL_IN", 1 }, { "NF_IP_FORWARD", 2 },
	{ "NF_IP_LOCAL_OUT", 3 }, { "NF_IP_POST_ROUTING", 4 },
	{ "NF_IP6_PRE_ROUTING", 0 }, { "NF_IP6_LOCAL_IN", 1 }, { "NF_IP6_FORWARD", 2 },
	{ "NF_IP6_LOCAL_OUT", 3 }, { "NF_IP6_POST_ROUTING", 4 }, { NULL, 0 },
};
static const struct word arp_hooks[] = {
	{ "NF_ARP_IN", 0 }, { "NF_ARP_OUT", 1 }, { "NF_ARP_FORWARD", 2 }, { NULL, 0 },
};
static const struct word bridge_hooks[] = {
	{ "NF_BR_PRE_ROUTING", 0 }, { "NF_BR_LOCAL_IN", 1 }, { "NF_BR_FORWARD", 2 },
	{ "NF_BR_LOCAL_OUT", 3 }, { "NF_BR_POST_ROUTING", 4 }, { "NF_BR_BROUTING", 5 }, { NULL, 0 },
};

/* linux/netfilter_ipv4.h, netfilter_ipv6.h, netfilter_bridge.h */
static const struct word priorities[] = {
	{ "NF_IP_PRI_FIRST", INT32_MIN }, { "NF_IP_PRI_RAW_BEFORE_DEFRAG", -450 },
	{ "NF_IP_PRI_CONNTRACK_DEFRAG", -400 }, { "NF_IP_PRI_RAW", -300 },
	{ "NF_IP_PRI_SELINUX_FIRST", -225 }, { "NF_IP_PRI_CONNTRACK", -200 }, { "NF_IP_PRI_MANGLE", -150 },
	{ "NF_IP_PRI_NAT_DST", -100 }, { "NF_IP_PRI_FILTER", 0 }, { "NF_IP_PRI_SECURITY", 50 },
	{ "NF_IP_PRI_NAT_SRC", 100 }, { "NF_IP_PRI_SELINUX_LAST", 225 },
	{ "NF_IP_PRI_CONNTRACK_HELPER", 300 }, { "NF_IP_PRI_CONNTRACK_CONFIRM", INT32_MAX },
	{ "NF_IP_PRI_LAST", INT32_MAX },
	{ "NF_IP6_PRI_FIRST", INT32_MIN }, { "NF_IP6_PRI_RAW_BEFORE_DEFRAG", -450 },
	{ "NF_IP6_PRI_CONNTRACK_DEFRAG", -400 }, { "NF_IP6_PRI_RAW", -300 },
	{ "NF_IP6_PRI_SELINUX_FIRST", -225 }, { "NF_IP6_PRI_CONNTRACK", -200 }, { "NF_IP6_PRI_MANGLE", -150 },
	{ "NF_IP6_PRI_NAT_DST", -100 }, { "NF_IP6_PRI_FILTER", 0 }, { "NF_IP6_PRI_SECURITY", 50 },
	{ "NF_IP6_PRI_NAT_SRC", 100 }, { "NF_IP6_PRI_SELINUX_LAST", 225 },
	{ "NF_IP6_PRI_CONNTRACK_HELPER", 300 }, { "NF_IP6_PRI_LAST", INT32_MAX },
	{ "NF_BR_PRI_FIRST", INT32_MIN }, { "NF_BR_PRI_NAT_DST_BRIDGED", -300 },
	{ "NF_BR_PRI_FILTER_BRIDGED", -200 }, { "NF_BR_PRI_BRNF", 0 }, { "NF_BR_PRI_NAT_DST_OTHER", 100 },
	{ "NF_BR_PRI_FILTER_OTHER", 200 }, { "NF_BR_PRI_NAT_SRC", 300 }, { "NF_BR_PRI_LAST", INT32_MAX },
	{ NULL, 0 },
};

/* TEXT as one of WORDS or a number; false after a reported error that lists the words. */
static bool value_of(struct resolver *r, const struct place *at, const char *what, const char *text,
		     const struct word *words, int64_t *ret)
{
	struct buf b = { 0 };
	char *end;

	for (const struct word *w = words; w->name; w++)
		if (!strcmp(w->name, text)) {
			*ret = w->value;
			return true;
		}
	errno = 0;
	*ret = strtoll(text, &end, 0);
	if (*text && !*end && !errno && *ret >= INT32_MIN && *ret <= INT32_MAX)
		return true;
	for (const struct word *w = words; w->name && w < words + 12; w++)
		buf_printf(&b, "%s%s", w == words ? "" : ", ", w->name);
	diag_error(r->d, DIAG_SEMANTIC, "netfilter-name", at, "unsupported netfilter %s \"%s\": known are %s", what,
		   text, buf_text(&b));
	buf_deinit(&b);
	return false;
}

/* The argument of the component NAME, its place in *at; "0" where there is none. */
static const char *argument(const struct point_match *m, const char *name, const struct place **at)
{
	vec_each(&m->point->comp, i)
		if (!strcmp(m->point->comp.v[i].name, name) && m->str[i]) {
			*at = &m->arg_place[i];
			return m->str[i];
		}
	*at = &m->point->place;
	return "0";
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site *s = arena_new(r->a, struct site);
	const struct place *pf_at, *hook_at, *at;
	const char *pf = argument(m, "pf", &pf_at), *hook = argument(m, "hook", &hook_at);
	int64_t family, number;

	if (!value_of(r, pf_at, "protocol family", pf, protocols, &family))
		return false;
	if (family != IPV4 && family != IPV6 && family != ARP && family != BRIDGE)
		return diag_error(r->d, DIAG_SEMANTIC, "netfilter-name", pf_at, "unsupported netfilter protocol family "
				  "%s: known are NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_ARP and NFPROTO_BRIDGE", pf);
	if (!value_of(r, hook_at, "hook", hook, family == ARP ? arp_hooks : family == BRIDGE ? bridge_hooks :
		      inet_hooks, &number))
		return false;
	if (number < 0 || number > (family == ARP ? 2 : family == BRIDGE ? 5 : 4))
		return diag_error(r->d, DIAG_SEMANTIC, "netfilter-name", hook_at,
				  "%s has no netfilter hook %" PRId64, pf, number);
	if (!value_of(r, at, "priority", argument(m, "priority", &at), priorities, &s->order))
		return false;
	s->kind = (int)family;
	s->interval = number;
	s->pp = arena_printf(r->a, "netfilter.pf(\"%s\").hook(\"%s\").priority(\"%" PRId64 "\")", pf, hook, s->order);
	s->pn = m->pn;
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
	return true;
}

/* ---- what a hook is given, by number of the argument ---- */

static const struct { const char *name, *type; } arguments[] = {
	{ "hooknum", "unsigned int" }, { "skb", "struct sk_buff *" }, { "in", "struct net_device *" },
	{ "out", "struct net_device *" }, { "pf", "unsigned char" },
};
enum { NARGS = sizeof(arguments) / sizeof(arguments[0]) };

/* The types come from debuginfo; without it all are numbers. */
static void fill(struct resolver *r, unsigned i, struct site_var *ret)
{
	struct dbg_object *o = dbg_object(family_dbginfo(r), NULL, NULL);

	*ret = (struct site_var){ .name = arguments[i].name, .param = true };
	ret->type = o ? dbg_type(o, arguments[i].type) : NULL;
	if (!ret->type) {
		ret->type = arena_new(r->a, struct ctype);
		*ret->type = (struct ctype){ .kind = CT_INT, .name = "long", .size = 8, .complete = true };
	}
	ret->loc.kind = LOC_VALUE;
	ret->loc.expr = lx_arg(r->a, i);
}

static bool var(struct resolver *r, const struct site *s, const char *name, bool at_entry, struct site_var *ret)
{
	(void)s;
	(void)at_entry;
	for (unsigned i = 0; i < NARGS; i++)
		if (!strcmp(arguments[i].name, name)) {
			fill(r, i, ret);
			return true;
		}
	return false;
}

static size_t vars(struct resolver *r, const struct site *s, struct site_var **ret)
{
	(void)s;
	*ret = arena_array(r->a, struct site_var, NARGS);
	for (unsigned i = 0; i < NARGS; i++)
		fill(r, i, &(*ret)[i]);
	return NARGS;
}

static bool called(const struct site *s, const char *name, struct called_var *ret)
{
	(void)s;
	if (strcmp(name, "verdict"))
		return false;
	*ret = (struct called_var){ .get = "__netfilter_verdict", .set = "__netfilter_set_verdict", .type = "int",
				    .guru = true };
	return true;
}

static void row(struct buf *out, const struct site *s)
{
	buf_printf(out, ".pf = %d, .hook = %" PRId64 ", .priority = (int32_t)%" PRId64 "LL", s->kind, s->interval,
		   s->order);
}

const struct family family_netfilter = {
	.name = "netfilter",
	.forms = forms,
	.resolve = resolve,
	.var = var,
	.vars = vars,
	.called = called,
	.row = row,
};
