noinst_LIBRARIES += translator/cache/libcache.a
translator_cache_libcache_a_SOURCES = translator/cache/cache.c translator/cache/sweep.c

check_PROGRAMS += testsuite/unit/test_cache
testsuite_unit_test_cache_SOURCES = testsuite/unit/test_cache.c
testsuite_unit_test_cache_LDADD = translator/cache/libcache.a translator/base/libbase.a $(SQLITE_LIBS)
TESTS += testsuite/unit/test_cache
