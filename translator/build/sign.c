// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --sign-module: a signed copy of the finished module, for kernels that load no other (Secure Boot).  The kernel's own
 * sign-file does it, with the machine owner's key: MOK.priv and MOK.der of one folder.  Whether the kernel trusts
 * that key is between its owner and mokutil.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/build.h"
#include "base/proc.h"

/* Where Debian's and Ubuntu's tools keep it. */
#define OWNERS_KEY "/var/lib/shim-signed/mok"

static bool no_key(struct session *s, const char *file)
{
	diag_error(&s->diag, DIAG_ERROR, "sign", NULL, "cannot read the key %s: %s", file, strerror(errno));
	diag_hint(&s->diag, "--sign-module=FOLDER says where MOK.priv and MOK.der are; make them by: openssl req -new "
		  "-x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=stap/ -keyout MOK.priv -outform DER "
		  "-out MOK.der");
	diag_hint(&s->diag, "the kernel trusts it after: mokutil --import MOK.der, and a restart");
	return false;
}

/* The program of the kernel's headers, NULL after a reported error. */
static const char *sign_file(struct session *s)
{
	const char *path = arena_printf(&s->arena, "%s/scripts/sign-file", s->kernel.build);

	if (!access(path, X_OK))
		return path;
	diag_error(&s->diag, DIAG_ERROR, "sign", NULL, "the headers of kernel %s have no %s", s->kernel.release, path);
	return NULL;
}

static const char *hash_name(struct session *s)
{
	const char *h = session_config(s, "CONFIG_MODULE_SIG_HASH");
	size_t n = h ? strcspn(h + (*h == '"'), "\"") : 0;

	return n ? arena_strndup(&s->arena, h + (*h == '"'), n) : "sha256";
}

bool build_sign(struct session *s)
{
	const char *folder = *s->opt.sign ? s->opt.sign : OWNERS_KEY;
	const char *key = arena_printf(&s->arena, "%s/MOK.priv", folder);
	const char *cert = arena_printf(&s->arena, "%s/MOK.der", folder), *tool = sign_file(s);
	const char *out = arena_printf(&s->arena, "%s/signed", session_tmpdir(s));
	struct buf said = { 0 };
	bool ok;

	if (!tool)
		return false;
	if (access(key, R_OK))
		return no_key(s, key);
	if (access(cert, R_OK))
		return no_key(s, cert);
	if (!dir_make(out))
		return diag_error(&s->diag, DIAG_ERROR, "write", NULL, "cannot make %s: %s", out, strerror(errno));
	out = arena_printf(&s->arena, "%s/%s.ko", out, s->module_name);
	ok = !proc_run((char *[]){ (char *)tool, (char *)hash_name(s), (char *)key, (char *)cert,
				   (char *)s->module_path, (char *)out, NULL }, NULL, &said, NULL, NULL);
	if (!ok)
		diag_error(&s->diag, DIAG_ERROR, "sign", NULL, "sign-file failed: %s", buf_text(&said));
	buf_deinit(&said);
	s->module_path = out;
	return ok;
}
