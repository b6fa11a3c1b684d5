noinst_LIBRARIES += translator/session/libsession.a
translator_session_libsession_a_SOURCES = translator/session/names.c translator/session/session.c
