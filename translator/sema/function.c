/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions: which one a call means, by name and number of arguments, and the bodies of those that are
 * called, cloned and bound when first met.  A user's function hides the library's in the user's scripts;
 * overloads that `next` leads to are tried by priority.  C text is not looked into but for the pragmas that
 * name globals and say what the function may do.
 */
#include "sema/elaborate.h"

#include <string.h>

static bool bind_function(struct body *b);
static bool is_contextual(struct sema *x, struct function_decl *decl, struct script *script);

struct body *sema_body_of(const struct function *f)
{
	return f->sema;
}

/* CALLER: a body at a site, or NULL. */
static struct body *function_body(struct sema *x, struct function_decl *decl, struct script *script,
				  const struct body *caller)
{
	struct body *b, **made;

	if (caller && (!caller->h || !is_contextual(x, decl, script)))
		caller = NULL;
	made = names_body(x, script, decl);
	for (b = *made; b; b = b->same)
		if (b->h == (caller ? caller->h : NULL))
			return b;
	b = arena_new(x->a, struct body);
	b->same = *made;
	*made = b;
	x->ncontextual += caller != NULL;
	b->x = x;
	b->script = script;
	b->h = caller ? caller->h : NULL;
	b->site = caller ? caller->site : NULL;
	b->fn = arena_new(x->a, struct function);
	b->fn->sema = b;
	b->fn->decl = decl;
	b->fn->name = decl->name;
	b->fn->cname = sema_unique_name(x, "fn_", decl->name);
	b->fn->ret = decl->ret;
	b->fn->nparams = (unsigned)decl->params.n;
	*vec_add(x->a, &x->functions) = b;
	vec_each(&decl->params, i) {
		struct symbol *s = bind_new_local(b, decl->params.v[i].name, &decl->params.v[i].place);

		s->local->param = true;
		s->local->type = decl->params.v[i].type;
		s->typed = decl->params.v[i].place;
	}
	sema_reach(x, script);
	bind_function(b);
	return b;
}

struct found { struct function_decl *decl; struct script *script; };
struct found_list { struct found *v; size_t n, cap; };

static void add_found(struct sema *x, struct found_list *l, struct function_decl *f, struct script *s,
		      size_t nargs, bool own)
{
	size_t at;

	if (f->params.n != nargs || (f->private_scope && !own))
		return;
	for (at = 0; at < l->n; at++)
		if (l->v[at].decl == f)
			return;
	(void)vec_add(x->a, l);
	for (at = l->n - 1; at && l->v[at - 1].decl->priority > f->priority; at--)
		l->v[at] = l->v[at - 1];
	l->v[at] = (struct found){ f, s };
}

static void functions_in(struct sema *x, struct found_list *l, struct script *s, const char *name,
			 size_t nargs, bool own)
{
	struct names *n = names_of(x, s);

	for (size_t i = names_function(n, name); i; i = n->next[i - 1])
		add_found(x, l, s->functions.v[i - 1], s, nargs, own);
}

static void functions_in_library(struct sema *x, struct found_list *l, const char *name, size_t nargs,
				 struct script *user)
{
	struct function_list lib = { 0 };

	if (x->s->library)
		lib = library_functions(x->s->library, name);
	vec_each(&lib, i) {
		struct script *s = sema_script_of(x, lib.v[i]->place.src);

		add_found(x, l, lib.v[i], s, nargs, s == user);
	}
}

static void find_functions(struct sema *x, struct found_list *l, const char *name, size_t nargs,
			   struct script *script)
{
	functions_in(x, l, script, name, nargs, true);
	/* Our own tapset sees the user's functions only where its own asks to come after them: f():2. */
	if (!script->src->shipped || (l->n && l->v[0].decl->priority > 1))
		vec_each(&x->s->scripts, i)
			functions_in(x, l, x->s->scripts.v[i], name, nargs, false);
	if (!l->n)
		functions_in_library(x, l, name, nargs, script);
}

bool sema_has_function(struct sema *x, const char *name, size_t nargs, struct script *script)
{
	struct found_list l = { 0 };

	find_functions(x, &l, name, nargs, script);
	return l.n > 0;
}

/* ---- target variables in functions ---- */

struct context_search { struct sema *x; struct script *script; bool found; };

/* @var("name") is $name where there is one (stapprobes(3)). */
static bool is_var_of_site(const struct target *t)
{
	return t->kind == TG_ATVAR && !t->module && !strchr(t->name, '@');
}

static void find_context(struct expr *e, void *arg)
{
	struct context_search *c = arg;

	switch (e->kind) {
	case EX_ENTRY:
	case EX_CONTEXTOP:
	case EX_PERF:
		c->found = true;
		break;
	case EX_TARGET:
		c->found |= e->target->kind == TG_VAR || is_var_of_site(e->target);
		break;
	case EX_CALL:
		c->found = c->found || sema_call_is_contextual(c->x, e->name, e->args.n, c->script);
		break;
	default:
		break;
	}
}

/* Does DECL, or what it calls, name target variables? */
static bool is_contextual(struct sema *x, struct function_decl *decl, struct script *script)
{
	static const char yes[1], no[1];
	struct context_search c = { x, script, false };
	const char *key = arena_printf(x->a, "%p", (void *)decl), *known = strmap_get(&x->contextual, key);

	if (known || !decl->body)
		return known == yes;
	strmap_put(&x->contextual, key, (void *)no);	/* should it call itself */
	sema_each_in_stmt(decl->body, find_context, &c);
	if (c.found)
		strmap_put(&x->contextual, key, (void *)yes);
	return c.found;
}

bool sema_call_is_contextual(struct sema *x, const char *name, size_t nargs, struct script *script)
{
	struct found_list l = { 0 };

	find_functions(x, &l, name, nargs, script);
	vec_each(&l, i)
		if (is_contextual(x, l.v[i].decl, l.v[i].script))
			return true;
	return false;
}

/* ---- calls ---- */

static void find_next(struct stmt *s, void *found)
{
	if (s->kind == ST_NEXT)
		*(bool *)found = true;
	sema_stmt_children(s, NULL, find_next, found);
}

static bool goes_on(const struct function *f)
{
	bool next = false;

	if (f->c_body)
		return strstr(f->c_body, "STAP_NEXT");
	find_next(f->body, &next);
	return next;
}

static const char *similar_builtin(const char *name, unsigned *limit)
{
	static const char *const names[] = { "print", "println", "printf", "printd", "printdln",
					     "sprint", "sprintln", "sprintf", "sprintd", "sprintdln" };
	const char *near = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unsigned d = str_distance(names[i], name, *limit);

		if (d < *limit || (d == *limit && !near)) {
			*limit = d;
			near = names[i];
		}
	}
	return near;
}

/* What people call who come from elsewhere, and what there is. */
static const char *elsewhere(const char *name)
{
	static const struct { const char *name, *here; } habits[] = {
		{ "strcmp", "strings are compared by == != < >" }, { "strcat", "strings are joined by '.'" },
		{ "strstr", "isinstr(text, part)" }, { "strncmp", "substr(text, 0, n) == other, or text =~ \"^...\"" },
		{ "strcpy", "strings are assigned by '='" }, { "atoi", "strtol(text, 10)" },
		{ "sleep", "a handler cannot wait; timer.s(N) is a probe of its own" },
		{ "usleep", "a handler cannot wait; timer.us(N) is a probe of its own" },
		{ "msleep", "a handler cannot wait; timer.ms(N) is a probe of its own" },
		{ "malloc", "memory is that of variables: global NAME" }, { "free", "delete NAME" },
		{ "getpid", "pid()" }, { "gettid", "tid()" }, { "getppid", "ppid()" }, { "getuid", "uid()" },
		{ "time", "gettimeofday_s()" }, { "gettimeofday", "gettimeofday_us()" }, { "now", "gettimeofday_us()" },
		{ "length", "strlen(text)" }, { "len", "strlen(text)" }, { "split", "tokenize(text, delimiter)" },
		{ "count", "@count(aggregate)" }, { "sum", "@sum(aggregate)" },
		{ "min", "@min(aggregate)" }, { "max", "@max(aggregate)" }, { "avg", "@avg(aggregate)" },
		{ "hist_log", "@hist_log(aggregate)" },
		{ "hist_linear", "@hist_linear(aggregate, low, high, width)" }, { "hist", "@hist_log(aggregate)" },
		{ "defined", "@defined($variable)" }, { "cast", "@cast(pointer, \"struct NAME\")" },
		{ "sizeof", "@cast_module_sizeof(\"kernel\", \"struct NAME\")" }, { "comm", "execname()" },
		{ "ustack", "print_ubacktrace()" }, { "kstack", "print_backtrace()" },
		{ "str", "kernel_string(address)" },
		{ "until", "while (!condition) statement" }, { "rand", "randint(N)" }, { "random", "randint(N)" },
	};

	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
		if (!strcmp(habits[i].name, name))
			return habits[i].here;
	return NULL;
}

static bool report_unresolved(struct body *b, struct expr *e)
{
	struct sema *x = b->x;
	unsigned limit = strlen(e->name) / 3 > 2 ? (unsigned)strlen(e->name) / 3 : 2;
	const char *near = similar_builtin(e->name, &limit), *here;

	for (size_t n = 0; n <= MAX_KEYS; n++)
		if (n != e->args.n && sema_has_function(x, e->name, n, b->script))
			return diag_error(x->d, DIAG_SEMANTIC, "function-arity", &e->place,
				"unresolved function '%s' with %zu argument%s (it takes %zu): identifier '%s' at %s",
				e->name, e->args.n, e->args.n == 1 ? "" : "s", n, e->name,
				place_str(x->a, &e->place));
	vec_each(&x->s->scripts, i)
		vec_each(&x->s->scripts.v[i]->functions, j) {
			const char *name = x->s->scripts.v[i]->functions.v[j]->name;
			unsigned d = str_distance(name, e->name, limit);

			if (d < limit || (d == limit && !near)) {
				limit = d;
				near = name;
			}
		}
	if (!near && x->s->library)
		near = library_similar(x->s->library, e->name);
	here = elsewhere(e->name);
	if (here)
		near = NULL;
	diag_error(x->d, DIAG_SEMANTIC, "unresolved-function", &e->place,
		   "unresolved function '%s'%s%s%s: identifier '%s' at %s", e->name, near ? " (similar: " : "",
		   near ? near : "", near ? ")" : "", e->name, place_str(x->a, &e->place));
	if (here)
		diag_hint(x->d, "here: %s", here);
	return false;
}

/* The function E calls, with those that `next` in it leads to. */
struct function *bind_call(struct body *b, struct expr *e)
{
	struct sema *x = b->x;
	struct found_list l = { 0 };
	struct function *first = NULL, **link = &first;
	bool library = b->script->src->tapset;

	find_functions(x, &l, e->name, e->args.n, b->script);
	if (!l.n) {
		report_unresolved(b, e);
		return NULL;
	}
	for (size_t i = 0; i < l.n; i++) {
		struct function *f = function_body(x, l.v[i].decl, l.v[i].script, b)->fn;

		*link = f;
		link = &f->overload;
		if (f->overload || !goes_on(f))
			break;
		if (i + 1 == l.n && !library) {
			size_t before = l.n;

			library = true;
			functions_in_library(x, &l, e->name, e->args.n, b->script);
			if (l.n == before)
				break;
		}
	}
	return first;
}

/* Functions of the user that nobody calls count with -u alone: what is wrong in them does no harm. */
bool bind_all_functions(struct sema *x)
{
	unsigned errors = x->d->errors;

	if (!x->s->opt.unoptimized)
		return true;
	vec_each(&x->s->scripts, i) {
		struct script *s = x->s->scripts.v[i];

		vec_each(&s->functions, j)
			function_body(x, s->functions.v[j], s, NULL);
	}
	return x->d->errors == errors;
}

/* ---- C text ---- */

static bool c_says(const char *text, const char *pragma)
{
	return strstr(text, pragma) != NULL;
}

/* Globals that the text names in pragma:read:NAME and pragma:write:NAME comments. */
static void bind_pragmas(struct body *b, const char *text, bool write)
{
	const char *word = write ? "pragma:write:" : "pragma:read:";

	for (const char *p = text; (p = strstr(p, word)); ) {
		struct gvar *v;
		char *name;

		p += strlen(word);
		name = arena_strndup(b->x->a, p, strspn(p, "abcdefghijklmnopqrstuvwxyz_"
						  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$"));
		v = bind_array_name(b, name, &b->fn->decl->c_place);
		if (!v)
			continue;
		v->g.read |= !write;
		v->g.written |= write;
		*vec_add(b->x->a, &b->fn->c_globals) = &v->g;
	}
}

static bool bind_c_function(struct body *b)
{
	struct sema *x = b->x;
	const struct function_decl *decl = b->fn->decl;
	const char *c = decl->c_body;

	b->fn->c_body = c;
	b->fn->pure = c_says(c, "/* pure */");
	if (!b->script->src->shipped || c_says(c, "/* pragma:kernel */"))
		b->fn->kernel_headers = true;
	if (c_says(c, "/* guru */") && !x->s->opt.guru)
		return diag_error(x->d, DIAG_SEMANTIC, "guru-function", &decl->place,
				  "function '%s' may not be used unless -g is specified", decl->name);
	if (!privilege_function(x, decl))
		return false;
	bind_pragmas(b, c, false);
	bind_pragmas(b, c, true);
	return true;
}

static void find_return(struct stmt *s, void *found)
{
	if (s->kind == ST_RETURN && s->e)
		*(bool *)found = true;
	sema_stmt_children(s, NULL, find_return, found);
}

static bool bind_function(struct body *b)
{
	const struct function_decl *decl = b->fn->decl;
	bool returns = false, ok;

	if (!decl->body)
		return bind_c_function(b);
	b->top = b->fn->body = ast_clone_stmt(b->x->a, decl->body);
	fold_stmt(b, b->top);
	ok = bind_stmt(b, b->top, b->script);
	find_return(b->top, &returns);
	if (!returns && b->fn->ret == T_UNKNOWN)
		b->fn->ret = T_VOID;
	elide_body(b);
	b->fn->pure = ok && stmt_is_pure(b->top);
	return ok;
}
