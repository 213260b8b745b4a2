package io.twinport.config;

/** What the user has set. */
public final class Settings {}
