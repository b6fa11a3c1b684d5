noinst_LIBRARIES += translator/cache/libcache.a
translator_cache_libcache_a_SOURCES = translator/cache/cache.c translator/cache/sweep.c
