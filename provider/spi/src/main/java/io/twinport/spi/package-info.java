/**
 * The waist between the switch, which owns channels and selectors, and the SAN service providers,
 * which own memory, links and wires. Nothing here knows a channel, and nothing here knows a
 * provider by name.
 */
package io.twinport.spi;
