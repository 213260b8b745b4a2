package io.twinport.agent.inner.packed;

/** On the class path only, in a package of which the jar has another class. */
public final class Outside {}
