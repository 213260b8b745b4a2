/**
 * What channels, selectors and their sockets must do, as tests that run over every transport: the
 * JDK's TCP is the oracle. Nothing here knows how a transport works; only {@code *Test} classes
 * name one.
 */
package io.twinport.contract;
