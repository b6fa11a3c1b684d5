noinst_LIBRARIES += translator/base/libbase.a
translator_base_libbase_a_SOURCES = \
	translator/base/arena.c \
	translator/base/buf.c \
	translator/base/diag.c \
	translator/base/diag.def \
	translator/base/explain.c \
	translator/base/proc.c \
	translator/base/sha256.c \
	translator/base/strmap.c
