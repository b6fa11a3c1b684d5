noinst_LIBRARIES += translator/run/librun.a
translator_run_librun_a_SOURCES = \
	translator/run/guest.c \
	translator/run/guest.h \
	translator/run/guest_accel.c \
	translator/run/guest_initramfs.c \
	translator/run/guest_kernel.c \
	translator/run/guest_kvm.c \
	translator/run/guest_log.c \
	translator/run/guest_parts.h \
	translator/run/guest_qemu.c \
	translator/run/guest_talk.c \
	translator/run/guest_wire.h \
	translator/run/run.c \
	translator/run/run.h
translator_run_librun_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -DPKGLIBEXECDIR='"$(pkglibexecdir)"'

# The first program of a guest: alone in an initramfs, hence static.
pkglibexec_PROGRAMS += stap-agent
stap_agent_SOURCES = \
	translator/run/guest_agent.c \
	translator/run/guest_agent.h \
	translator/run/guest_agent_boot.c \
	translator/run/guest_wire.h
stap_agent_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
stap_agent_CFLAGS = -O2 -g -fno-sanitize=all
stap_agent_LDFLAGS = -static

# Preloaded into virtiofsd for ordinary users; a program to automake, which has no word for it without libtool.
pkglibexec_PROGRAMS += stap-noatime.so
stap_noatime_so_SOURCES = translator/run/guest_noatime.c
stap_noatime_so_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -U_FORTIFY_SOURCE
stap_noatime_so_CFLAGS = -O2 -g -fPIC -fno-sanitize=all
stap_noatime_so_LDFLAGS = -shared

# The guest without a script, for tests and for looking around.
noinst_PROGRAMS = stap-guest
stap_guest_SOURCES = testsuite/vm/guest_main.c
stap_guest_LDADD = translator/run/librun.a translator/base/libbase.a
