noinst_LIBRARIES += translator/library/liblibrary.a
translator_library_liblibrary_a_SOURCES = translator/library/library.c translator/library/search.c
