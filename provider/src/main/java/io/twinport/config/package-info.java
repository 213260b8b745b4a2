/**
 * What the user sets and what the user is told: properties, rules, log lines. Knows nothing of
 * sockets' workings.
 */
package io.twinport.config;
